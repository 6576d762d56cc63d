import { encodeBase64 } from '../../encoding/base64.ts';
import { LogError } from '../error.ts';
import { HASH_BYTES } from '../hash.ts';
import { parseDecimal } from './checkpoint.ts';
import { base64Field } from './field.ts';
import { parseNote } from './signed-note.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^53 entries is 53 levels deep; consistency is not in this format. */
const PROOF_HASHES_MAX = 63;

/** C2SP tlog-proof: an inclusion proof that carries its checkpoint. */
export type TlogProof = {
  /** Not authenticated by anything here. */
  readonly extra?: Uint8Array;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
};

export function formatTlogProof({ extra, index, proof, checkpoint }: TlogProof): string {
  const lines = [HEADER];
  if (extra !== undefined) lines.push(`extra ${encodeBase64(extra)}`);
  lines.push(`index ${index}`, ...proof.map(encodeBase64), '', checkpoint);
  const text = lines.join('\n');
  parseTlogProof(text);
  return text;
}

/** Throws `LogError` (`bad-proof`, or `bad-note` for the checkpoint's note). Proves nothing by itself. */
export function parseTlogProof(text: string): TlogProof {
  const split = text.indexOf('\n\n');
  if (split === -1) refuse('no blank line before the checkpoint');
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== HEADER) refuse(`the first line is not ${HEADER}`);
  const checkpoint = text.slice(split + 2);
  parseNote(checkpoint);
  const extra = lines[0]?.startsWith('extra ')
    ? base64Field(lines.shift()?.slice('extra '.length) ?? '', refuse)
    : undefined;
  const [position = '', ...hashes] = lines;
  const index = position.startsWith('index ') ? parseDecimal(position.slice('index '.length)) : undefined;
  if (index === undefined) refuse('no line "index N"');
  if (hashes.length > PROOF_HASHES_MAX) refuse(`more than ${PROOF_HASHES_MAX} hashes`);
  const proof = hashes.map((hash) => base64Field(hash, refuse));
  if (proof.some((hash) => hash.length !== HASH_BYTES)) refuse(`a hash is not ${HASH_BYTES} bytes`);
  return { ...(extra && { extra }), index, proof, checkpoint };
}

function refuse(what: string): never {
  throw new LogError('bad-proof', `Not a tlog proof: ${what}`);
}
