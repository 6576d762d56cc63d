// What the gateway's main thread and the store's two threads say to each other: plain data, one message for all that waits.
import type { KeyObject } from 'node:crypto';
import type { SignatureForm } from '../../../audit/signing.ts';
import type { Row, Value } from '../../store.ts';
import type { Packed } from './packed.ts';

export type WriterData = {
  readonly path: string;
  readonly busy_ms: number;
  readonly signing?: { readonly entry_key: KeyObject; readonly form: SignatureForm };
};
export type ReaderData = { readonly path: string };

/** First message of either thread. */
export type Opened =
  | { readonly kind: 'opened'; readonly size: number }
  | { readonly kind: 'failed'; readonly message: string };

export type ToWriter = { readonly kind: 'commands'; readonly packed: Packed } | { readonly kind: 'close' };

/** One answer a command, in the order they were sent. A bare number is success: its first leaf index, or −1. */
export type Answer =
  | number
  | { readonly guard: string }
  | { readonly refused: string }
  | { readonly unavailable: string; readonly stored: 'no' | 'unknown' };

export type FromWriter =
  | Opened
  | {
      readonly kind: 'answers';
      readonly answers: readonly Answer[];
      readonly size: number;
      readonly stopped?: string;
    }
  | { readonly kind: 'closed'; readonly failure?: string };

export type ReadRequest = {
  readonly sql: string;
  readonly params: readonly Value[];
  readonly rows_max: number;
};
export type ToReader =
  | { readonly kind: 'reads'; readonly reads: readonly ReadRequest[] }
  | { readonly kind: 'close' };
export type ReadAnswer =
  | { readonly rows: readonly Row[] }
  | { readonly refused: string }
  | { readonly unavailable: string };
export type FromReader =
  | Opened
  | { readonly kind: 'rows'; readonly answers: readonly ReadAnswer[] }
  | { readonly kind: 'closed' };
