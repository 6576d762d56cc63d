/** What is said to the desk's thread and back. Values cross as copies: neither side sees the other's. */
import type { PolicyCheck, PolicyPatch, PolicySimulation, PolicySuggestions } from '@countersign/sdk';
import type { OperatorsRule } from '../../authority/operators.ts';
import type { PolicyFile } from '../../policy/source/files.ts';
import type { Question, Reply } from '../replay/questions.ts';
import type { SentWorld } from './world.ts';

/** What the thread does, and what it answers. */
export type Jobs = {
  readonly check: { readonly job: { readonly draft: readonly PolicyFile[] }; readonly result: PolicyCheck };
  readonly patch: { readonly job: Patch; readonly result: PolicyPatch };
  readonly suggest: { readonly job: Suggest; readonly result: PolicySuggestions };
  readonly simulate: { readonly job: Simulate; readonly result: PolicySimulation };
};
export type Patch = {
  readonly before: readonly PolicyFile[];
  readonly after: readonly PolicyFile[];
  /** What the paths are below. */
  readonly folder: string;
};
/** What is on record to be looked at, beside what is in force. */
type OnRecord = {
  readonly inForce: readonly PolicyFile[];
  /** Of the policy in force, as it is called everywhere. */
  readonly version: string;
  readonly operators: OperatorsRule | undefined;
  readonly since: number;
  readonly until: number;
  readonly time_ms_max: number;
};
export type Simulate = OnRecord & { readonly draft: readonly PolicyFile[]; readonly evaluations_max: number };
/** `folder`: what the paths of a patch are below. */
export type Suggest = OnRecord & { readonly folder: string };
export type JobKind = keyof Jobs;
export type Job = { [K in JobKind]: { readonly kind: K } & Jobs[K]['job'] }[JobKind];
export type Result = { [K in JobKind]: Jobs[K]['result'] }[JobKind];

export type ToThread =
  /** What policies are loaded against, from now on. */
  | { readonly kind: 'world'; readonly world: SentWorld }
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'reply'; readonly reply: Reply };

export type FromThread =
  | { readonly kind: 'done'; readonly result: Result }
  /** Asked in the middle of a job, one at a time. */
  | { readonly kind: 'question'; readonly question: Question }
  /** A defect of the program: said to the operator, never to who asked. */
  | { readonly kind: 'failed'; readonly why: string };
