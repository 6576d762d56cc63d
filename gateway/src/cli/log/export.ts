/** `countersign log export`: entries as JSON Lines, oldest first, streamed. The export itself is put on the record. */
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { readArguments } from '../dispatch/arguments.ts';
import { openClient } from '../session.ts';
import { EXIT, type Verb } from '../verb.ts';
import { FILTER_OPTIONS, filterOf, filterUsage } from './filter.ts';

export const exportLog: Verb = {
  about: 'Write entries as JSON Lines',
  usage: `countersign log export [--out FILE] ${filterUsage()}\n  --out FILE        a new file, mode 0600 (default: standard output)`,
  async run(args, io) {
    const { values } = readArguments(args, { options: { ...FILTER_OPTIONS, out: { type: 'string' } } });
    const client = await openClient(io, values);
    const lines = await client.log.export(filterOf(values));
    const out =
      values.out === undefined ? undefined : createWriteStream(values.out, { flags: 'wx', mode: 0o600 });
    const sink = out ?? io.stdout;
    await lines
      .pipeThrough(new TextEncoderStream())
      .pipeTo(Writable.toWeb(sink), { preventClose: out === undefined });
    return EXIT.ok;
  },
};
