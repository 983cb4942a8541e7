import { arch, cpus, platform } from 'node:os';

/** The machine that records, as a manifest has it; nothing that names it. */
export function recordingHost(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return `${platform()} ${arch()}, ${processors.length} × ${model}, Node ${process.versions.node}`;
}
