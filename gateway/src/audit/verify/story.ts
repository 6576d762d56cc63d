import { isJsonObject, type Json, type JsonObject, kindOf, type Statement } from '@countersign/core';
import { OUT_OF_ORDER_MS_MAX } from '../audit.ts';
import { GlassStory, glassOf, type RequestGlass } from './glass.ts';
import { ERASED_MAX, type Erasure, type Findings, REBUILT_MAX, type RebuiltSaid } from './report.ts';
import { type ReviewerPins, ReviewSignatures } from './signatures.ts';

/** Requests remembered to the end, for what is final must stay so; beyond it the rest is not cross-checked, and the report says so. */
const REQUESTS_MAX = 2_000_000;

type Request = {
  readonly needed: number;
  /** How many of them must have signed with a passkey. */
  readonly needed_signed: number;
  /** Of the policy it was opened under. */
  readonly policy_digest: string | undefined;
  /** While pending: who approved. */
  approvers: Set<string> | undefined;
  /** Those of them whose passkey's signature holds. */
  signers: Set<string> | undefined;
  status: 'pending' | 'approved' | 'ended';
  approval: { readonly id: string; readonly event: string; readonly until: number; uses: number } | undefined;
  grant: StoryGrant | undefined;
  erased: boolean;
  readonly glass: RequestGlass;
};

type StoryGrant = {
  readonly id: string;
  readonly event: string;
  readonly until: number;
  uses: number;
  ended: boolean;
};

/** Whether the entries tell one story: what ran had started, what was redeemed had been approved by enough people, what is final stays. */
export class Story {
  readonly counts: { [kind: string]: number } = {};
  /** The first {@link ERASED_MAX}. */
  readonly erased: Erasure[] = [];
  /** The first {@link REBUILT_MAX}. */
  readonly rebuilt: RebuiltSaid[] = [];
  rebuiltTotal = 0;
  readonly signatures: ReviewSignatures;
  readonly glass: GlassStory;
  readonly #findings: Findings;
  readonly #requests = new Map<string, Request>();
  readonly #running = new Set<string>();
  #erasures = 0;
  #latest = 0;
  #limited = false;

  constructor(findings: Findings, pins?: ReviewerPins) {
    this.#findings = findings;
    this.signatures = new ReviewSignatures(findings, pins);
    this.glass = new GlassStory(findings);
  }

  /** Executions that started and have no result yet. */
  get open(): number {
    return this.#running.size;
  }

  /** More requests than could be remembered. */
  get limited(): boolean {
    return this.#limited;
  }

  get erasedTotal(): number {
    return this.#erasures;
  }

  add(statement: Statement, index: number): void {
    const kind = kindOf(statement);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const { predicate } = statement;
    const at = Date.parse(predicate.occurred_at);
    const behind_s = Math.round((this.#latest - at) / 1000);
    if (this.#latest - at > OUT_OF_ORDER_MS_MAX) {
      const detail = `entry ${index} says ${predicate.occurred_at}, ${behind_s} s before one in front of it`;
      this.#findings.add('back-dated', detail, index);
    }
    this.#latest = Math.max(this.#latest, at);
    const { event_id: event, task_id: task, answers = [] } = predicate;
    this.#tell(kind, { predicate, index, at, event, task, answers });
  }

  #tell(kind: string, told: Told): void {
    if (kind === 'access-request') this.#opened(told);
    else if (kind === 'review') this.#reviewed(told);
    else if (kind === 'resolution') this.#resolved(told);
    else if (kind === 'break-glass') this.#glassTold(told);
    else if (kind === 'redaction') this.#erased(told);
    else if (kind === 'system') this.#rebuilt(told);
    else if (kind === 'reviewer-key') this.signatures.changed(told.predicate, told.index);
    else if (kind !== 'execution') return;
    else if (told.predicate['phase'] === 'started') this.#started(told);
    else this.#ended(told);
  }

  #opened({ task, predicate, index }: Told): void {
    if (this.#requests.has(task))
      this.#findings.add('state-moved', `request ${task} was opened twice`, index);
    else if (this.#requests.size >= REQUESTS_MAX) this.#limited = true;
    else {
      const policy = objectOf(predicate['policy'])['digest'];
      this.#requests.set(task, {
        needed: seatsOf(predicate),
        needed_signed: seatsOf(predicate, 'passkey'),
        policy_digest: typeof policy === 'string' ? policy : undefined,
        approvers: new Set(),
        signers: new Set(),
        status: 'pending',
        approval: undefined,
        grant: undefined,
        erased: false,
        glass: glassOf(predicate),
      });
    }
  }

  #reviewed({ task, predicate, index }: Told): void {
    const request = this.#requests.get(task);
    if (request === undefined || predicate['counted'] !== true) return;
    if (request.status !== 'pending') {
      this.#findings.add('state-moved', `a review of ${task} counted after it was resolved`, index);
    }
    const signed = this.signatures.reviewed(predicate, { index, policy_digest: request.policy_digest });
    if (predicate['decision'] !== 'approved') return;
    request.approvers?.add(textOf(predicate['reviewer']));
    if (signed) request.signers?.add(textOf(predicate['reviewer']));
  }

  #glassTold(told: Told): void {
    const { task, predicate, index } = told;
    if (predicate['change'] === 'refused') return;
    const request = this.#requests.get(task);
    if (request === undefined) {
      if (!this.#limited)
        this.#findings.add('bad-break-glass', `glass of ${task} was broken, and it was never opened`, index);
      return;
    }
    const of = { index, policy_digest: request.policy_digest };
    const signed = predicate['change'] === 'broken' && this.signatures.reviewed(predicate, of);
    this.glass.told(request.glass, told, { signed, pending: request.status === 'pending' });
  }

  #resolved(told: Told): void {
    const { task, predicate, index } = told;
    const request = this.#requests.get(task);
    const moved = (what: string): void => this.#findings.add('state-moved', what, index);
    if (request === undefined) {
      if (!this.#limited) moved(`request ${task} was resolved and never opened`);
      return;
    }
    const status = textOf(predicate['status']);
    if (status.startsWith('grant-')) {
      if (request.grant === undefined || request.grant.ended)
        moved(`the grant of ${task} ended twice, or never was`);
      else request.grant.ended = true;
      return;
    }
    if (status.startsWith('approval-')) {
      if (request.status !== 'approved') moved(`the approval of ${task} ended twice, or never was`);
      request.status = 'ended';
      return;
    }
    if (request.status !== 'pending') moved(`request ${task} was resolved twice`);
    else if (status === 'approved') this.#approved(told, request);
    else request.status = 'ended';
    request.approvers = undefined;
    request.signers = undefined;
  }

  #approved(told: Told, request: Request): void {
    const { predicate, event } = told;
    if (predicate['broken_glass'] === undefined) this.#countReviews(told, request);
    else this.glass.approved(request.glass, told);
    const approval = objectOf(predicate['approval']);
    const [until, uses] = [numberOf(approval['approved_until']), numberOf(approval['uses'])];
    request.status = 'approved';
    request.approval = { id: textOf(approval['id']), event, until, uses };
    const grant = predicate['grant'];
    if (!isJsonObject(grant)) return;
    request.grant = {
      id: textOf(grant['id']),
      event,
      until: numberOf(grant['until']),
      uses: numberOf(grant['uses']),
      ended: false,
    };
  }

  #countReviews({ task, index }: Told, request: Request): void {
    const people = request.approvers?.size ?? 0;
    if (people < request.needed) {
      const detail = `request ${task} has ${people} approving reviews of ${request.needed}`;
      this.#findings.add('too-few-reviews', detail, index);
    }
    const signed = request.signers?.size ?? 0;
    if (signed < request.needed_signed) {
      const detail = `request ${task} has ${signed} signed approvals of ${request.needed_signed}`;
      this.#findings.add('too-few-reviews', detail, index);
    }
  }

  /** A redaction that erases; the other kind shows somebody what is hidden. Nothing of the request may happen after it. */
  #rebuilt({ predicate, index, at }: Told): void {
    if (predicate['change'] !== 'log rebuilt') return;
    this.rebuiltTotal += 1;
    if (this.rebuilt.length === REBUILT_MAX) return;
    const { held_to } = predicate;
    this.rebuilt.push({
      at: new Date(at).toISOString(),
      index,
      signed: numberOf(predicate['signed']),
      ...(typeof held_to === 'number' ? { held_to } : {}),
    });
  }

  #erased({ task, predicate, index }: Told): void {
    if (!isJsonObject(predicate['erased'])) return;
    this.#erasures += 1;
    if (this.erased.length < ERASED_MAX) {
      const [by, at] = [textOf(predicate['by']), textOf(predicate['occurred_at'])];
      this.erased.push({ request: task, by, at, index });
    }
    const request = this.#requests.get(task);
    const moved = (what: string): void => this.#findings.add('state-moved', `request ${task} ${what}`, index);
    if (request === undefined) {
      if (!this.#limited) moved('was erased and never opened');
      return;
    }
    if (request.erased) moved('was erased twice');
    else if (request.glass.broken?.closed === false) moved('was erased before its broken glass was judged');
    else if (request.status === 'pending') moved('was erased while people could still answer it');
    else if (request.status === 'approved' && (request.approval?.uses ?? 0) > 0)
      moved('was erased while its approval could still be used');
    request.erased = true;
    request.status = 'ended';
  }

  #started(told: Told): void {
    const { predicate, index } = told;
    const id = textOf(predicate['execution_id']);
    if (this.#running.has(id)) this.#findings.add('state-moved', `execution ${id} started twice`, index);
    if (predicate['enforced_by'] !== 'caller') this.#running.add(id);
    if (predicate['approval_id'] !== undefined) this.#redeemed(told);
    if (predicate['grant_id'] !== undefined) this.#granted(told);
  }

  #granted({ predicate, index, at, answers }: Told): void {
    const by = textOf(predicate['granted_by']);
    const request = this.#requests.get(by);
    if (request === undefined && this.#limited) return;
    const id = textOf(predicate['execution_id']);
    const ungranted = (why: string): void => this.#findings.add('unapproved-run', `${id}: ${why}`, index);
    const grant = request?.grant;
    if (grant === undefined || grant.id !== predicate['grant_id']) {
      ungranted(`no such grant of ${by}`);
      return;
    }
    if (!answers.includes(grant.event)) ungranted(`it does not answer the resolution of ${by}`);
    if (grant.ended) ungranted(`the grant of ${by} had ended`);
    if (at >= grant.until) ungranted(`the grant of ${by} was over`);
    grant.uses -= 1;
    if (grant.uses < 0) this.#findings.add('two-starts', `grant ${grant.id} was used once too often`, index);
  }

  #redeemed(told: Told): void {
    const { task, predicate, index, at, answers } = told;
    const request = this.#requests.get(task);
    if (request === undefined && this.#limited) return;
    const id = textOf(predicate['execution_id']);
    const unapproved = (why: string): void => this.#findings.add('unapproved-run', `${id}: ${why}`, index);
    const approval = request?.approval;
    if (approval === undefined || approval.id !== predicate['approval_id']) {
      unapproved(`no such approval of ${task}`);
      return;
    }
    if (request !== undefined) this.glass.ran(request.glass, told);
    if (!answers.includes(approval.event)) unapproved(`it does not answer the resolution of ${task}`);
    if (request?.status === 'ended') unapproved(`the approval of ${task} had ended`);
    if (at >= approval.until) unapproved(`the approval of ${task} was over`);
    approval.uses -= 1;
    if (approval.uses < 0)
      this.#findings.add('two-starts', `approval ${approval.id} was redeemed once too often`, index);
  }

  #ended({ predicate, index }: Told): void {
    const id = textOf(predicate['execution_id']);
    if (this.#running.delete(id)) return;
    this.#findings.add('result-without-start', `execution ${id} did not start, or ended before`, index);
  }
}

type Told = {
  readonly predicate: JsonObject;
  readonly index: number;
  readonly at: number;
  readonly event: string;
  readonly task: string;
  readonly answers: readonly string[];
};

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const numberOf = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

/** How many distinct people the request needs at least: every seat is one person, of alternatives the smallest. */
function seatsOf(predicate: JsonObject, proof?: 'passkey'): number {
  const stages = [predicate, ...listOf(predicate['next']).map(objectOf)];
  return stages.reduce((sum, stage) => sum + seatsOfStage(stage, proof), 0);
}

/** The fewest people that could fill it. A seat asked for twice, by one rule and by an alternative of another, is one (P2). */
function seatsOfStage(stage: JsonObject, proof: 'passkey' | undefined): number {
  const seatsIn = (list: Json | undefined): ReadonlyMap<string, number> => {
    const seats = listOf(list)
      .map(objectOf)
      .filter((seat) => proof === undefined || seat['proof'] === proof);
    return new Map(seats.map((seat) => [textOf(seat['by']), numberOf(seat['count'])]));
  };
  const fixed = seatsIn(stage['seats']);
  const more = (way: ReadonlyMap<string, number>): number =>
    [...way].reduce((sum, [by, count]) => sum + Math.max(0, count - (fixed.get(by) ?? 0)), 0);
  const least = listOf(stage['choices']).map((choice) => {
    const ways = listOf(objectOf(choice)['any_of']).map((way) => more(seatsIn(way)));
    return ways.length === 0 ? 0 : Math.min(...ways);
  });
  const places = [...fixed.values()].reduce((sum, count) => sum + count, 0);
  // Alternatives of several rules may ask for the same seat: the greatest of them is needed for certain, their sum is not.
  return places + Math.max(0, ...least);
}
