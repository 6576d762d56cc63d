/**
 * The policy port: a loaded, immutable policy that answers evaluations, and the source that replaces it whole. A
 * policy is never half-loaded: either every file of a version compiled and its tests passed, or the last good one stays.
 */
import type { Decision, Evaluation, JsonObject, PolicyRef } from '@countersign/core';

/** What a binding offers to policy: the name of its CEL variable, the types of its facts, the obligations it can carry out. */
export type BindingSchema = {
  readonly name: string;
  /** CEL type declarations of the facts' `values`, as a JSON-Schema object; unknown fields are load errors (P7). */
  readonly facts: JsonObject;
  readonly obligations: readonly string[];
};

export type Policy = {
  readonly ref: PolicyRef;
  /** Pure and synchronous; never throws for any evaluation (P3 turns rule errors into hits). */
  decide(evaluation: Evaluation): Decision;
  /** Do `ask_reason` rules bear on this tool? Then it is listed with an optional `reason` argument. */
  asksReason(scope: { readonly upstream: string; readonly resource: string }): boolean;
};
