/** `countersign log prove`: a proof of one entry that verifies without this project's code. */
import { escapeTerminal } from '@countersign/core';
import { proveEvent } from '../../audit/verify/prove.ts';
import { sayFinding } from '../../audit/verify/verify.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { jsonText, writeJson } from '../output.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { openLog } from './place.ts';
import { progressOf } from './progress.ts';
import { keyOf } from './verify.ts';

export const prove: Verb = {
  about: 'Prove one entry, from the log’s own files',
  usage: `countersign log prove EVENT --log FOLDER|URL --key VKEY [--as bundle|tlog-proof] [--json]

  --as bundle       a Sigstore bundle, entry and proof in one (default)
  --as tlog-proof   c2sp.org/tlog-proof@v1; --json prints it with the leaf it is about`,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, given } = readArguments(args, {
    options: {
      log: { type: 'string' },
      key: { type: 'string' },
      as: { type: 'string' },
      json: { type: 'boolean' },
    },
    arguments: ['EVENT'],
  });
  if (values.log === undefined) throw new UsageError('--log is missing: the folder or URL of the log');
  const vkey = await keyOf(values.key);
  const source = await openLog(values.log, io);
  const progress = progressOf(io, 'looked through');
  const proof = await proveEvent({
    source,
    vkey,
    event_id: given[0] ?? '',
    onProgress: progress.tell,
  }).finally(progress.end);
  if (values.json === true) writeJson(io, proof);
  else if (proof.status === 'proven')
    io.stdout.write(values.as === 'tlog-proof' ? proof.tlog_proof : `${jsonText(proof.bundle)}\n`);
  else if (proof.status === 'unknown-event')
    io.stderr.write(
      `No entry of that id among the ${proof.size} of the last checkpoint; a new entry is covered within a second.\n`,
    );
  else io.stderr.write(`${escapeTerminal(sayFinding(proof.finding))}\n`);
  return proof.status === 'proven' ? EXIT.ok : EXIT.no;
}
