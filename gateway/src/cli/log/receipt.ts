/** `countersign log check`: a receipt somebody was given, offline, from two files and one key. Asks no gateway anything. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  decodeUtf8,
  EncodingError,
  escapeTerminal,
  type Json,
  JsonError,
  LogError,
  parseJson,
  parseVerifierKey,
  RECEIPT_FINDINGS,
  type ReceiptVerification,
  verifyReceipt,
} from '@countersign/core';
import { spkiOf } from '../../audit/keys/keys.ts';
import { readEntryKeys } from '../../audit/log/entry-keys.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { jsonText, writeJson } from '../output.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { openLog } from './place.ts';
import { judged, keyOf } from './verify.ts';

export const check: Verb = {
  about: 'Check a receipt offline, from the log’s list of entry keys and one key',
  usage: `countersign log check RECEIPT --key VKEY --entry-keys FILE|FOLDER|URL [--witness VKEY]... [--json]

  RECEIPT            a file as log prove, the API or the console gave it
  --key VKEY         the log's verifier key, from anywhere but the log; or a file that holds it
  --entry-keys FILE  the log's file entry-keys: which keys may sign entries, signed by the log's key;
                     or the folder or URL of the log
  --witness VKEY     a witness you trust to have cosigned the checkpoint

Exit code 0: it holds; 1: it does not; 4: a file cannot be read.`,
  run,
};

const OPTIONS = {
  key: { type: 'string' },
  'entry-keys': { type: 'string' },
  witness: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, given } = readArguments(args, { options: OPTIONS, arguments: ['RECEIPT'] });
  const log = parseVerifierKey(await keyOf(values.key));
  const place = values['entry-keys'];
  if (place === undefined)
    throw new UsageError(
      '--entry-keys is missing: the log’s file entry-keys, or the folder or URL of the log',
    );
  const keys = await readEntryKeys(await entryKeysAt(place, io), log).catch(notEntryKeys(place));
  if (keys.status !== 'verified')
    throw new UsageError(`--entry-keys ${place}: it is not signed by the log key given (${keys.status})`);
  const receipt = await receiptIn(given[0] ?? '', io);
  const found = await verifyReceipt(receipt, {
    entryKeys: keys.keys.map((key) => new Uint8Array(spkiOf(key))),
    log,
    origin: log.name,
    witnesses: (values.witness ?? []).map((each) => parseVerifierKey(judged('--witness', each))),
  });
  if (values.json === true) writeJson(io, readable(found));
  else io.stdout.write(textOf(found));
  return found.status === 'verified' ? EXIT.ok : EXIT.no;
}

async function entryKeysAt(place: string, io: Io): Promise<string> {
  if (!/^https?:\/\//.test(place)) {
    const file = await readFile(path.resolve(io.cwd, place), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EISDIR') return undefined;
      throw error;
    });
    if (file !== undefined) return file;
  }
  const bytes = await (await openLog(place, io)).read('entry-keys');
  if (bytes === undefined) throw new UsageError(`--entry-keys ${place}: the log has no file entry-keys`);
  return decodeUtf8(bytes);
}

const notEntryKeys = (place: string) => (error: unknown) => {
  if (!(error instanceof LogError)) throw error;
  throw new UsageError(`--entry-keys ${place}: ${error.message}`);
};

async function receiptIn(file: string, { cwd }: Pick<Io, 'cwd'>): Promise<Json> {
  const bytes = await readFile(path.resolve(cwd, file));
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonError) && !(error instanceof EncodingError)) throw error;
    throw new UsageError(`${file}: it is no receipt: ${error.message}`);
  }
}

/** Bytes as text, for programs. */
const readable = (found: ReceiptVerification): object =>
  found.status === 'failed'
    ? found
    : {
        ...found,
        checkpoint: { ...found.checkpoint, root: Buffer.from(found.checkpoint.root).toString('hex') },
      };

function textOf(found: ReceiptVerification): string {
  const established = found.established.map((finding) => `  ✓ ${RECEIPT_FINDINGS[finding]}`);
  if (found.status === 'failed')
    return `${['Established:', ...(established.length === 0 ? ['  nothing'] : established), '', `It does not hold: ${escapeTerminal(found.reason)}`].join('\n')}\n`;
  const { statement, index, checkpoint, witnesses } = found;
  const lines = [
    `Entry ${index} of ${escapeTerminal(checkpoint.origin)}, under a checkpoint of ${checkpoint.size} entries.`,
    '',
    'Established:',
    ...established,
    ...witnesses.map(({ name }) => `    ${escapeTerminal(name)}`),
    '',
    'Not established:',
    ...(witnesses.length === 0
      ? ['  · that others are shown the same log: no witness you named cosigned it']
      : []),
    '  · that the log still holds it today: verify the log for that',
    '',
    'The statement:',
    jsonText(statement),
  ];
  return `${lines.join('\n')}\n`;
}
