import { createColors } from 'picocolors';
import type { CheckResult, Conclusion, RunResult, TargetInfo, Verdict } from './model';
import { gateSections, remarkSections } from './sections';
import { failureText, networkText, verdictLine } from './summary';
import { cut, duration, oneLine, plural, printable, wrap } from './text';
import { versionsLine, versionTable, type VersionOutcome } from './versions';
import { conclude } from './verdict';

export interface TerminalOptions {
  readonly write: (text: string) => void;
  /** Whether a line may be taken back: only then is progress shown. */
  readonly tty: boolean;
  readonly color: boolean;
  /** Width to cut and wrap to; undefined where nobody knows it, as in a file. */
  readonly columns: number | undefined;
}

/** Width for wrapping long texts where the terminal's is unknown or very large. */
const textColumns = 100;

const symbols: Readonly<Record<Verdict, string>> = {
  pass: '✓',
  fail: '✗',
  'known-deviation': '≈',
  inconclusive: '?',
  'not-run': '–',
};

const takeBackLine = '\r\u001b[2K';

/** Shows a run on a terminal as it happens, and its verdict at the end. Everything on one stream, line by line. */
export class TerminalView {
  readonly #options: TerminalOptions;
  readonly #colors: ReturnType<typeof createColors>;
  #total = 0;
  #finished = 0;
  #failed = 0;
  #manyPeers = false;
  #progressShown = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#colors = createColors(options.color);
  }

  note(line: string): void {
    this.#line(this.#colors.dim(this.#fit(oneLine(line))));
    this.#progress();
  }

  started(target: TargetInfo, total: number): void {
    this.#total = total;
    this.#manyPeers = target.peers.length > 1;
    const version = target.fabricVersion === undefined ? [] : [`Fabric ${target.fabricVersion}`];
    const what = [`${target.kind}: ${target.description}`, ...version, plural(total, 'check')];
    this.#line(this.#colors.bold(oneLine(what.join(' · '))));
    this.#progress();
  }

  finished(result: CheckResult): void {
    this.#finished += 1;
    if (result.verdict === 'fail') this.#failed += 1;
    const { clause, verdict, title, peer } = result;
    const took = verdict === 'not-run' ? '' : duration(result.durationMs);
    const rest = [
      ...[clause.id.padEnd(8), clause.level.padEnd(6), took.padStart(7)],
      oneLine(title) + (this.#manyPeers ? ` [${oneLine(peer)}]` : ''),
    ];
    const line = this.#fit(`${symbols[verdict]} ${rest.join(' ')}`);
    const symbol = line.slice(0, 1);
    this.#line(
      verdict === 'not-run'
        ? this.#colors.dim(line)
        : this.#paint(verdict, symbol) + line.slice(symbol.length),
    );
    this.#progress();
  }

  /** Failures, what could not be judged or run and why, and the verdict as the very last line. */
  conclude(run: RunResult): void {
    this.#takeBackProgress();
    for (const result of run.results.filter(({ verdict }) => verdict === 'fail')) this.#failure(result);
    for (const { heading, entries } of [...remarkSections(run), ...gateSections(run)])
      this.#section(heading, entries);
    this.#section('Faults of our own', run.harnessErrors.map(oneLine));
    if (run.kept !== undefined) this.#verbatim('The network stays up', run.kept);
    this.#line('');
    if (run.logs !== undefined) this.#line(`The full logs of all nodes are in ${printable(run.logs)}`);
    if (run.network !== undefined) this.#line(this.#colors.dim(networkText(run.network, run.durationMs)));
    const conclusion = conclude(run);
    const line = verdictLine(run);
    this.#line(this.#paintConclusion(conclusion) + line.slice(conclusion.length));
  }

  /** Several versions side by side; the last line says it all. */
  versions(all: readonly VersionOutcome[]): void {
    this.#verbatim('Clauses by version; those not listed passed on all', versionTable(all));
    this.#line('');
    this.#line(this.#colors.bold(versionsLine(all)));
  }

  #failure(result: CheckResult): void {
    const { clause, peer } = result;
    const heading = `${symbols.fail} ${clause.id} ${clause.level} · ${clause.area} · ${oneLine(peer)}`;
    this.#line('');
    this.#line(this.#colors.bold(this.#colors.red(heading)));
    for (const line of failureText(result, this.#wrapColumns() - 2)) this.#line(`  ${line}`);
  }

  #section(heading: string, entries: readonly string[]): void {
    if (entries.length === 0) return;
    this.#line('');
    this.#line(this.#colors.bold(heading));
    for (const entry of entries) {
      wrap(entry, this.#wrapColumns() - 4).forEach((line, i) => {
        this.#line((i === 0 ? '  ' : '    ') + line);
      });
    }
  }

  /** Lines to be copied or compared: neither wrapped nor cut. */
  #verbatim(heading: string, lines: readonly string[]): void {
    this.#line('');
    this.#line(this.#colors.bold(heading));
    for (const line of lines) this.#line(`  ${printable(line)}`);
  }

  #paint(verdict: Verdict, text: string): string {
    switch (verdict) {
      case 'pass':
        return this.#colors.green(text);
      case 'fail':
        return this.#colors.red(text);
      case 'known-deviation':
      case 'inconclusive':
        return this.#colors.yellow(text);
      case 'not-run':
        return this.#colors.dim(text);
    }
  }

  #paintConclusion(conclusion: Conclusion): string {
    const { bold, green, red, yellow } = this.#colors;
    const paint = {
      conformant: green,
      'not conformant': red,
      'stale baseline': red,
      'cannot tell': yellow,
    }[conclusion];
    return bold(paint(conclusion));
  }

  #wrapColumns(): number {
    return Math.max(20, Math.min(this.#options.columns ?? textColumns, textColumns));
  }

  /** Cuts a line that a narrow terminal would break; in a file it stays whole. */
  #fit(line: string): string {
    const { tty, columns } = this.#options;
    return tty && columns !== undefined ? cut(line, columns) : line;
  }

  #line(line: string): void {
    this.#takeBackProgress();
    this.#options.write(`${line}\n`);
  }

  #progress(): void {
    if (!this.#options.tty || this.#total === 0 || this.#finished === this.#total) return;
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    this.#options.write(this.#colors.dim(this.#fit(`${this.#finished}/${this.#total}${failed} …`)));
    this.#progressShown = true;
  }

  #takeBackProgress(): void {
    if (this.#progressShown) this.#options.write(takeBackLine);
    this.#progressShown = false;
  }
}
