/**
 * The door of previews: a read the gateway makes by itself, with its own credential, so that people see what a held
 * action would change. What lets it through is the configuration, which names the read, and the accepted tool; policy is
 * asked all the same, and where a rule denies the read to the agent, nobody gets it by asking for something held. The
 * read is on the record, under the epoch it was decided at, before there is a permit for it (I2, I8).
 */
import type { Decision, Evaluation } from '@countersign/core';
import type { Deps } from '../deps.ts';
import { fix } from '../executions/asked.ts';
import type { PreviewPermit, PreviewPlan } from '../previews/previewer.ts';
import { beginPreview, type Ending, finishPreview } from '../previews/record.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { decide } from './decide.ts';

export type PreviewAsked = {
  readonly stored: StoredRequest;
  readonly plan: PreviewPlan;
  readonly round: number;
  /** The person who asked; undefined: the gateway, when the request was opened. */
  readonly by: string | undefined;
};

export type PreviewVerdict =
  | {
      readonly kind: 'permitted';
      readonly permit: PreviewPermit;
      /** What rules oblige the gateway to do with what such a read answers. */
      readonly obligations: Decision['obligations'];
      /** Records how it ended. Never throws. */
      end(ending: Ending): Promise<void>;
    }
  | { readonly kind: 'refused'; readonly why: string }
  /** The authority, the request or another preview moved meanwhile. */
  | { readonly kind: 'again' };

export function createPreviewDoor(deps: Deps) {
  return async ({ stored, plan, round, by }: PreviewAsked): Promise<PreviewVerdict> => {
    // Whatever a protocol planned: what was asked of one upstream is no reason to read another.
    if (plan.evaluation.facts.scope.upstream !== stored.request.upstream)
      return { kind: 'refused', why: 'it would read another upstream than the one that was asked' };
    const authority = deps.authority.current();
    const decision = decide(deps, authority, plan.evaluation);
    const refused = whyRefused(decision) ?? whyNotOpened(plan, (asked) => decide(deps, authority, asked));
    if (refused !== undefined) return { kind: 'refused', why: refused };
    const asked = fix(stored.request.principal, plan.evaluation, {
      now: deps.now(),
      installation_key: deps.installation_key,
      safe: deps.masking.text,
    });
    const { dry_run } = plan;
    const begun = await beginPreview(deps, { stored, asked, epoch: authority.epoch, round, by, dry_run });
    if (begun === undefined) return { kind: 'again' };
    return {
      kind: 'permitted',
      obligations: decision.obligations,
      permit: {
        credentials: deps.credentialsOf(asked.about.upstream),
        mask: (value) => deps.masking.mask(value, decision.obligations),
      },
      end: (ending) =>
        finishPreview(deps, begun, ending).catch((error: unknown) => {
          deps.log.error(
            { preview: begun.id, error: String(error) },
            'could not record the end of a preview',
          );
        }),
    };
  };
}

/** It connects anew: a rule that keeps the agent from the upstream keeps its previews from it, too. */
function whyNotOpened(
  { opening }: PreviewPlan,
  decided: (evaluation: Evaluation) => Decision,
): string | undefined {
  const decision = opening === undefined ? undefined : decided(opening);
  return decision?.effect === 'deny' && decision.reason === 'rule'
    ? 'the policy denies the agent this upstream'
    : undefined;
}

/** A rule’s denial counts. That no rule allows it does not: the operator named this read, and no agent gets its answer. */
function whyRefused(decision: Decision): string | undefined {
  if (decision.effect !== 'deny') return undefined;
  switch (decision.reason) {
    case 'not_exact':
      return 'the tool that reads is not what was accepted, or its arguments do not fit';
    case 'rule':
      return 'the policy denies this read to the agent';
    case 'nothing_matched':
      return undefined;
    case 'agent_paused':
      return 'the agent was stopped: nothing is read for it';
  }
}
