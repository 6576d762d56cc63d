/**
 * The mathematics and formats of a transparency log: RFC 6962 trees, C2SP tlog-tiles, signed notes, checkpoints and
 * proofs. Pure: hashes and bytes in, hashes and bytes out; who stores, fetches or signs is none of its business, and it
 * never decides that a log is good, only what a proof proves (I10).
 */
import { CodedError } from '../coded-error.ts';

export type LogErrorCode =
  | 'bad-note'
  | 'bad-checkpoint'
  | 'bad-key'
  | 'bad-bundle'
  | 'bad-proof'
  | 'out-of-range';

/** Bytes that are not the format they claim, or a position outside the tree. */
export class LogError extends CodedError<LogErrorCode> {
  override readonly name = 'LogError';
}
