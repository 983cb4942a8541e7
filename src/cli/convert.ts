import { Command } from 'commander';
import type * as capture from '../capture';
import type * as node from '../node';
import { plural } from '../report/text';
import { commandText } from './command-text';
import { exitCodes } from './exit-codes';
import { recordingHost } from './recording-host';
import type { CommandFactory } from './session';

interface ConvertFlags {
  readonly gzip: boolean;
}

/** `gossipspec convert`: captures of older formats into recordings, and recordings into pcapng. */
export const convertCommand =
  (load: { readonly capture: () => typeof capture; readonly node: () => typeof node }): CommandFactory =>
  (session) =>
    new Command('convert')
      .summary('turn captures into recordings, and recordings into pcapng')
      .description(
        'Turns a capture (FILE.jsonl or FILE.jsonl.gz, with a folder FILE-certs beside it) into a recording, or a recording into a pcapng file with the decrypted gRPC streams, for Wireshark.',
      )
      .argument('<source>', 'a capture’s .jsonl or .jsonl.gz, or a recording’s folder')
      .argument('<out>', 'the recording’s folder, or a file that ends in .pcapng')
      .option('--no-gzip', 'leave the envelopes of the recording as plain text')
      .option('--verbose', 'show the stack of a fault of this program')
      .action(async (source: string, out: string, { gzip }: ConvertFlags) => {
        const { io, tool, argv } = session;
        const { convertCapture, convertToPcapng } = load.capture();
        const { settingsTable, variableOf } = load.node();
        if (out.endsWith('.pcapng')) {
          const { packets, bytes } = await convertToPcapng({ recording: source, file: out });
          io.out.write(`${out}: ${plural(packets, 'packet')}, ${bytes} bytes\n`);
          session.exitCode = exitCodes.conformant;
          return;
        }
        const variables = new Map(
          Object.keys(settingsTable).map((key) => [
            variableOf(key as node.SettingKey),
            key.replace(/^peer\.gossip\./, ''),
          ]),
        );
        const { counts } = await convertCapture({
          source,
          folder: out,
          gzip,
          header: { tool, command: commandText(tool.name, argv, io.env), host: recordingHost() },
          settingOf: (name) => variables.get(`CORE_PEER_GOSSIP_${name}`) ?? name,
        });
        io.out.write(
          `${out}: ${plural(counts.envelopes, 'envelope')} of ${plural(counts.streams, 'stream')}, ${plural(counts.marks, 'mark')}\n`,
        );
        session.exitCode = exitCodes.conformant;
      });
