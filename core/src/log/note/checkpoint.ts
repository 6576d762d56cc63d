/**
 * C2SP signed notes and what is written on them: checkpoints, cosignatures, offline proofs. Formats only: who signs is
 * an argument, and a note that parses proves nothing until `verifyNote` says whose signature held.
 *
 * This file: the checkpoint.
 */
import { encodeBase64 } from '../../encoding/base64.ts';
import { LogError } from '../error.ts';
import { HASH_BYTES } from '../hash.ts';
import { base64Field } from './field.ts';

/** C2SP tlog-checkpoint: a log's tree head. */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Opaque lines; not recommended, since monitors cannot audit them. */
  readonly extensions: readonly string[];
};

/** The note text to sign. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const text = [origin, String(size), encodeBase64(root), ...extensions, ''].join('\n');
  parseCheckpoint(text);
  return text;
}

/** Reads a note's text. Throws `LogError` (`bad-checkpoint`). */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) refuse('it does not end with a newline');
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', decimal = '', root = '', ...extensions] = lines;
  if (lines.length < 3 || lines.includes('')) refuse('it has fewer than three lines, or an empty one');
  const size = parseDecimal(decimal);
  if (size === undefined) refuse('the tree size is not a plain decimal');
  return { origin, size, root: parseTreeHash(root), extensions };
}

/** ASCII decimal without leading zeros, up to 2^53 - 1. */
export function parseDecimal(text: string): number | undefined {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function parseTreeHash(encoded: string): Uint8Array {
  const hash = base64Field(encoded, (what) => refuse(`the root hash: ${what}`));
  return hash.length === HASH_BYTES ? hash : refuse(`the root hash is not ${HASH_BYTES} bytes`);
}

function refuse(what: string): never {
  throw new LogError('bad-checkpoint', `Not a checkpoint: ${what}`);
}
