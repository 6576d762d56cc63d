/**
 * One function per business event: what is recorded, counted and logged about it, together. Each returns the sealed
 * entry to commit with the state it speaks of (I10), and `committed` to call once that commit is acknowledged: nothing
 * is counted or logged that did not happen. Log lines carry identifiers only (I7).
 */
import type { Decision } from '@countersign/core';
import type { AuditFact, Sealer } from './audit/audit.ts';
import type { About } from './audit/facts/about.ts';
import { type ResolvedEvent, type Reviewed, resolutionFact, reviewFact } from './audit/facts/answered.ts';
import { evaluationFact, type OverRate, overRateFact, requestOpenedFact } from './audit/facts/asked.ts';
import { type AuthorityChange, changeFact } from './audit/facts/changed.ts';
import { type GlassEvent, glassFact } from './audit/facts/glass.ts';
import { type Ended, executionResultFact, executionStartedFact, type Started } from './audit/facts/ran.ts';
import type { NewEntry } from './store/store.ts';

/** Counters with a fixed, small set of labels; values are identifiers from configuration or closed lists, never free text. */
export type Meter = {
  count(name: string, labels?: { readonly [label: string]: string }): void;
  observe(name: string, value: number, labels?: { readonly [label: string]: string }): void;
};

export type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type TokenRefused = {
  readonly code: string;
  /** As configured; never what the token says. */
  readonly issuer: string | undefined;
  readonly why: string;
  readonly silent: boolean;
};

/** What a ticket system did, in closed words. */
export type Ticketing = {
  readonly system: string;
  readonly act: 'comment' | 'deny' | 'relay';
  readonly outcome: 'taken' | 'late' | 'refused';
};

export type Event = { readonly entry: NewEntry; committed(): void };
export type Events = ReturnType<typeof createEvents>;

type Make = (fact: AuditFact, committed: () => void) => Event;
type Told = { readonly event: Make; readonly meter: Meter; readonly log: Log };

export function createEvents({ sealer, meter, log }: { sealer: Sealer; meter: Meter; log: Log }) {
  const event: Make = (fact, committed) => ({ entry: sealer.seal(fact), committed });
  const told: Told = { event, meter, log };
  return { ...actionEvents(told), ...reviewEvents(told), ...changeEvents(told) };
}

const fields = (about: About): object => ({
  agent: about.principal.agent,
  upstream: about.upstream,
  action: about.action,
  evaluation_id: about.evaluation_id,
});

function actionEvents({ event, meter, log }: Told) {
  return {
    refused(
      about: About,
      decision: Decision,
      refused: { at: number; reason: string; task_id: string; lacking?: 'passkey' },
    ): Event {
      return event(evaluationFact(about, decision, { ...refused, outcome: refused.reason }), () => {
        meter.count('countersign_refusals_total', { upstream: about.upstream, reason: refused.reason });
        const { reason, lacking } = refused;
        if (lacking === undefined) log.info({ ...fields(about), reason }, 'refused');
        else {
          meter.count('countersign_no_passkey_total', { upstream: about.upstream });
          log.warn(
            { ...fields(about), reason, lacking },
            'refused: not enough people who may review it have a confirmed passkey (countersign passkeys list)',
          );
        }
      });
    },
    /** Each of a flood is counted; that there is one is recorded by `overRate`, once a while. */
    callOverRate(): void {
      meter.count('countersign_calls_over_rate_total');
    },
    overRate(over: OverRate): Event {
      return event(overRateFact(over), () => {
        const { agent } = over.principal;
        log.warn({ agent, calls_per_minute: over.calls_per_minute }, 'calls over the rate are refused');
      });
    },
    /** Of nobody, so in no entry: counted, and told to the operator as often as the door lets it be. */
    tokenRefused({ code, issuer, why, silent }: TokenRefused): void {
      meter.count('countersign_tokens_refused_total', { code });
      if (!silent) log.warn({ code, issuer }, `a workload token was refused: ${why}`);
    },
    held(about: About, decision: Decision, held: { at: number; request_id: string }): Event {
      return event(
        evaluationFact(about, decision, { at: held.at, outcome: 'held', task_id: held.request_id }),
        () => {
          meter.count('countersign_held_total', { upstream: about.upstream });
        },
      );
    },
    requestOpened(
      about: About,
      decision: Decision & { effect: 'require' },
      opened: Parameters<typeof requestOpenedFact>[2],
    ): Event {
      return event(requestOpenedFact(about, decision, opened), () => {
        log.info(
          { ...fields(about), request_id: opened.request_id, risk: decision.risk },
          'access request opened',
        );
      });
    },
    executionStarted(about: About, started: Started): Event {
      return event(executionStartedFact(about, started), () => {
        meter.count('countersign_executions_total', {
          upstream: about.upstream,
          reviewed: String(started.approval !== undefined),
        });
      });
    },
    executionEnded(about: About, ended: Ended & { took_ms: number }): Event {
      return event(executionResultFact(about, ended), () => {
        meter.count('countersign_execution_results_total', {
          upstream: about.upstream,
          status: ended.status,
        });
        meter.observe('countersign_execution_seconds', ended.took_ms / 1000, { upstream: about.upstream });
        if (ended.status === 'unknown')
          log.warn(
            { ...fields(about), execution_id: ended.execution_id, cause: ended.cause },
            'execution outcome unknown; it will not be run again by itself',
          );
      });
    },
  };
}

function reviewEvents({ event, meter, log }: Told) {
  return {
    reviewed(about: About, reviewed: Reviewed): Event {
      return event(reviewFact(about, reviewed), () => {
        meter.count('countersign_reviews_total', {
          decision: reviewed.decision,
          counted: String(reviewed.refused === undefined),
          channel: reviewed.channel,
        });
        log.info(
          {
            ...fields(about),
            request_id: reviewed.request_id,
            reviewer: reviewed.reviewer,
            decision: reviewed.decision,
            refused: reviewed.refused,
          },
          'review',
        );
      });
    },
    glass(about: About, glass: GlassEvent): Event {
      return event(glassFact(about, glass), () => {
        meter.count('countersign_break_glass_total', { change: glass.change });
        const { change, glass_id, request_id, by } = glass;
        const told = { ...fields(about), change, glass_id, request_id, by };
        if (change === 'broken')
          log.warn(told, 'GLASS BROKEN: one person let an action through without the others');
        else log.info(told, 'break-glass');
      });
    },
    resolved(about: About, resolved: ResolvedEvent & { opened_at: number }): Event {
      return event(resolutionFact(about, resolved), () => {
        meter.count('countersign_resolutions_total', { upstream: about.upstream, status: resolved.status });
        meter.observe('countersign_decision_seconds', (resolved.at - resolved.opened_at) / 1000, {
          status: resolved.status,
        });
        log.info(
          { ...fields(about), request_id: resolved.request_id, status: resolved.status, by: resolved.by },
          'access request resolved',
        );
      });
    },
  };
}

const PAUSES: { readonly [change: string]: string } = {
  'agent paused': 'paused',
  'agent resumed': 'resumed',
};

function changeEvents({ event, meter, log }: Told) {
  return {
    authorityChanged(change: AuthorityChange): Event {
      return event(changeFact(change), () => {
        const paused = PAUSES[String(change.predicate['change'])];
        if (paused !== undefined) meter.count('countersign_pauses_total', { change: paused });
        log.info(
          { kind: change.kind, task_id: change.task_id, epoch: change.epoch, by: change.by },
          'changed',
        );
      });
    },
    /** `did`: undefined for what is counted elsewhere. */
    ticketing(fact: AuditFact, did: Ticketing | undefined): Event {
      return event(fact, () => {
        if (did !== undefined) meter.count('countersign_ticketing_total', did);
        const { change, ticketing: system, request_id } = fact.predicate;
        log.info({ system, request_id, change }, 'ticket system');
      });
    },
    /** Recorded as the end of its request. */
    ticketingDone(did: Ticketing): void {
      meter.count('countersign_ticketing_total', did);
    },
    /** Each that is too many is counted; that there are any is recorded once an hour. */
    ticketingOver({ system, act }: Omit<Ticketing, 'outcome'>): void {
      meter.count('countersign_ticketing_total', { system, act, outcome: 'over_limit' });
    },
    recorded(fact: AuditFact, message: string): Event {
      return event(fact, () => log.info({ kind: fact.kind, task_id: fact.task_id }, message));
    },
  };
}
