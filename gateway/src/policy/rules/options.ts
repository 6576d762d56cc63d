/** What loading a policy needs to know about the world: the bindings, and every name a rule may use. */
import type { JsonObject, Proof } from '@countersign/core';
import type { BindingSchema } from '../policy.ts';

/** Names that exist. A list left out is not checked; a list given makes any other name a load error. */
export type KnownNames = {
  readonly groups?: readonly string[];
  readonly people?: readonly string[];
  /** How many reviewers each group has, to advise on rules that ask more. */
  readonly members?: { readonly [group: string]: number };
  readonly upstreams?: readonly string[];
  readonly envs?: readonly string[];
  readonly classes?: readonly string[];
  readonly agents?: readonly string[];
  readonly teams?: readonly string[];
  /** Beginnings of names that exist once somebody comes with them: made of the claims of tokens. */
  readonly made?: { readonly agents: readonly string[]; readonly teams: readonly string[] };
};

export type LoadOptions = {
  readonly bindings: readonly BindingSchema[];
  readonly known?: KnownNames;
  /** The proofs reviewers can give in this installation, weakest first. Default: `session` only. */
  readonly proofs?: readonly Proof[];
  /** The input schema of an accepted tool, so that rules that pin the tool have its arguments typed. */
  readonly toolArguments?: (upstream: string, tool: string) => JsonObject | undefined;
  /** What `mask` can find and remove. Default: `pii`. */
  readonly maskKinds?: readonly string[];
  /** The policy's id in every decision. Default: `policy`. */
  readonly id?: string;
  /** A label for this version; without one, the first twelve hex digits of its digest. */
  readonly version?: string;
};
