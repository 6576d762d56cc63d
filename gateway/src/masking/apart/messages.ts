/** What is said to the masking thread and back. Values cross as copies: neither side sees the other's. */
import type { Json } from '@countersign/core';
import type { MaskKind } from '../detector.ts';
import type { KnownSecret } from '../known/known.ts';
import type { Verdicts } from '../verdicts.ts';

export type Job =
  | { readonly kind: 'mask'; readonly value: Json; readonly kinds: readonly MaskKind[] }
  | { readonly kind: 'judge'; readonly value: Json };

export type ToThread =
  /** All there are, from now on. */
  | { readonly kind: 'secrets'; readonly secrets: readonly KnownSecret[] }
  | { readonly kind: 'job'; readonly job: Job };

export type Done =
  /** Nothing had to be masked: the value may leave as it is. */
  | { readonly kind: 'same' }
  | { readonly kind: 'masked'; readonly value: Json }
  | { readonly kind: 'judged'; readonly verdicts: Verdicts };
