import {
  parseCheckpoint,
  parseJson,
  parseNote,
  parseStatement,
  parseVerifierKey,
  type ReceiptJson,
  readEnvelope,
  TILE_WIDTH,
} from '@countersign/core';
import { envelopesPath } from '../log/files.ts';
import { proofText, proveInclusion, readLeaf, receiptOf } from '../read/receipt.ts';
import { readHead } from './head.ts';
import { createFindings, type Finding } from './report.ts';
import type { LogSource } from './source.ts';

export type ProveOptions = {
  readonly source: LogSource;
  readonly vkey: string;
  readonly event_id: string;
  readonly onProgress?: (done: number, of: number) => void;
};

export type Proof =
  | {
      readonly status: 'proven';
      readonly index: number;
      /** `c2sp.org/tlog-proof@v1`: verifies against {@link leaf} with any software that speaks it. */
      readonly tlog_proof: string;
      /** The log leaf, verbatim. */
      readonly leaf: string;
      /** Sigstore bundle v0.3. */
      readonly bundle: ReceiptJson;
    }
  /** Not in the tree of the checkpoint there is; perhaps not yet. */
  | { readonly status: 'unknown-event'; readonly size: number }
  | { readonly status: 'failed'; readonly finding: Finding };

/** Proves one entry from the log's own files. Looks through the envelopes for it, since a log has no other index. */
export async function proveEvent({ source, vkey, event_id, onProgress }: ProveOptions): Promise<Proof> {
  const log = parseVerifierKey(vkey);
  const findings = createFindings();
  const head = await readHead(source, [log], findings);
  const [finding] = findings.list;
  if (head === undefined) {
    return { status: 'failed', finding: finding ?? { problem: 'no-checkpoint', detail: source.name } };
  }
  const { size } = parseCheckpoint(parseNote(head.note).text);
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const bytes = await source.read(envelopesPath(first / TILE_WIDTH));
    const lines =
      bytes === undefined
        ? []
        : Buffer.from(bytes)
            .toString('utf8')
            .split('\n')
            .slice(0, size - first);
    const at = lines.findIndex((line) => isEvent(line, event_id));
    onProgress?.(Math.min(size, first + TILE_WIDTH), size);
    const envelope = lines[at];
    if (envelope !== undefined)
      return await proven(source, { index: first + at, note: head.note, envelope, log, size });
  }
  return { status: 'unknown-event', size };
}

type Found = {
  readonly index: number;
  readonly size: number;
  readonly note: string;
  readonly envelope: string;
  readonly log: ReturnType<typeof parseVerifierKey>;
};

async function proven(source: LogSource, { index, size, note, envelope, log }: Found): Promise<Proof> {
  const inclusion = await proveInclusion((path) => source.read(path), index, note);
  const bytes = await readLeaf((path) => source.read(path), index, size);
  if (inclusion === undefined || bytes === undefined) {
    return { status: 'failed', finding: { problem: 'missing', index, detail: `a tile over entry ${index}` } };
  }
  const leaf = Buffer.from(bytes).toString('utf8');
  const bundle = receiptOf(inclusion, { envelope, leaf }, log);
  return { status: 'proven', index, tlog_proof: proofText(inclusion), leaf, bundle };
}

function isEvent(line: string, event_id: string): boolean {
  const payload = /"payload":"([A-Za-z0-9+/=]+)"/.exec(line)?.[1];
  // Decoding is cheap, parsing is not: only a payload that names the id at all is read as a statement.
  if (payload === undefined || !Buffer.from(payload, 'base64').includes(event_id)) return false;
  return parseStatement(readEnvelope(parseJson(line)).payload).predicate.event_id === event_id;
}
