/**
 * What was asked, fixed once: the canonical bytes, their salted digest, and the key an identical retry matches. From
 * here on nothing the caller sends again can change what would run (A8).
 */
import {
  actionDigest,
  actionText,
  type CanonicalAction,
  type Decision,
  type Evaluation,
  encodeUtf8,
  matchingKey,
  type Principal,
  readAction,
} from '@countersign/core';
import type { About } from '../audit/facts/about.ts';
import { evaluationId } from '../ids.ts';
import { newSalt, type Payload } from '../payloads.ts';

export type Asked = {
  readonly principal: Principal;
  readonly evaluation: Evaluation;
  readonly evaluation_id: string;
  /** The canonical bytes as stored; the payload's id is the evaluation's. */
  readonly payload: Payload;
  readonly about: About;
  matchKey(): string;
  action(): CanonicalAction;
};

export type FixOptions = {
  readonly now: number;
  readonly installation_key: Uint8Array;
  /** Makes an identifier safe to stand in the log: secrets in it are masked. */
  readonly safe: (text: string) => string;
};

/** The evaluation is not the caller's own: its subject, act or tenant say someone else. */
export class NotTheCaller extends Error {
  override readonly name = 'NotTheCaller';
}

export function fix(
  principal: Principal,
  evaluation: Evaluation,
  { now, installation_key, safe }: FixOptions,
): Asked {
  mustBeTheCaller(principal, evaluation);
  const body = actionText(evaluation);
  const bytes = encodeUtf8(body);
  const evaluation_id = evaluationId(now);
  const payload: Payload = {
    id: evaluation_id,
    kind: 'action',
    salt: newSalt(),
    body,
  };
  return {
    principal,
    evaluation,
    evaluation_id,
    payload,
    about: {
      principal,
      upstream: evaluation.facts.scope.upstream,
      env: evaluation.facts.scope.env,
      action: safe(evaluation.action.name),
      resource: safe(evaluation.resource.id),
      action_digest: actionDigest(bytes, payload.salt),
      evaluation_id,
      class: evaluation.facts.scope.class,
      ...(evaluation.origin === undefined ? {} : { origin: evaluation.origin }),
    },
    matchKey: () => matchingKey(bytes, installation_key),
    action: () => readAction(bytes),
  };
}

/** Subject, act, tenant, agent and team come from the credential (WIRE §2); a binding that says otherwise is wrong or fooled. */
function mustBeTheCaller(principal: Principal, { tenant, subject, act, facts }: Evaluation): void {
  const same =
    tenant === principal.tenant &&
    subject.type === principal.subject.type &&
    subject.id === principal.subject.id &&
    JSON.stringify(act) === JSON.stringify(principal.act) &&
    facts.scope.agent === principal.agent &&
    facts.scope.team === (principal.team ?? '');
  if (!same)
    throw new NotTheCaller(
      'the evaluation names another subject, agent, team or tenant than the credential proves',
    );
}

export type Decided<D extends Decision = Decision> = { readonly asked: Asked; readonly decision: D };
