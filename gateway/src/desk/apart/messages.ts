/** What is said to the desk's thread and back. Values cross as copies: neither side sees the other's. */
import type { PolicyCheck } from '@countersign/sdk';
import type { PolicyFile } from '../../policy/source/files.ts';
import type { SentWorld } from './world.ts';

/** What the thread does, and what it answers. */
export type Jobs = {
  readonly check: { readonly job: { readonly draft: readonly PolicyFile[] }; readonly result: PolicyCheck };
};
export type JobKind = keyof Jobs;
export type Job = { [K in JobKind]: { readonly kind: K } & Jobs[K]['job'] }[JobKind];
export type Result = { [K in JobKind]: Jobs[K]['result'] }[JobKind];

export type ToThread =
  /** What policies are loaded against, from now on. */
  { readonly kind: 'world'; readonly world: SentWorld } | { readonly kind: 'job'; readonly job: Job };

export type FromThread =
  | { readonly kind: 'done'; readonly result: Result }
  /** A defect of the program: said to the operator, never to who asked. */
  | { readonly kind: 'failed'; readonly why: string };
