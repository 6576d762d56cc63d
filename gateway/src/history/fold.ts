/**
 * From entries to calls: what each entry changes, in the log's order. Pure. An entry about a call the history does not
 * have changes nothing; one entry told twice changes nothing the second time.
 */
import type { CallOutcome, PermittedBy } from '@countersign/sdk';
import type { CallRow } from './row.ts';
import type { Question, Told } from './told.ts';

/** Rows by what entries name them by. Holds what is known of those an entry may name; `changed` is what to write. */
export class Calls {
  readonly #byRequest = new Map<string, CallRow>();
  readonly #byExecution = new Map<string, CallRow>();
  readonly #bySeq = new Map<number, CallRow>();
  readonly #before = new Map<number, CallRow>();
  /** Questions of the rows that are new, by `seq`. */
  readonly questions = new Map<number, Question>();

  constructor(known: readonly CallRow[]) {
    for (const call of known) {
      this.#before.set(call.seq, call);
      this.#keep(call);
    }
  }

  #keep(call: CallRow): CallRow {
    this.#bySeq.set(call.seq, call);
    if (call.request_id !== null) this.#byRequest.set(call.request_id, call);
    if (call.execution_id !== null) this.#byExecution.set(call.execution_id, call);
    return call;
  }

  of(request_id: string | undefined): CallRow | undefined {
    return request_id === undefined ? undefined : this.#byRequest.get(request_id);
  }
  running(execution_id: string): CallRow | undefined {
    return this.#byExecution.get(execution_id);
  }
  begin(told: Told & { readonly question: Question }, over: Partial<CallRow>): void {
    if (this.#bySeq.has(told.seq)) return;
    this.questions.set(told.seq, told.question);
    this.#keep({ ...newCall(told), ...over });
  }
  change(call: CallRow, over: Partial<CallRow>): void {
    const next = { ...call, ...over };
    if (Object.keys(over).some((key) => next[key as keyof CallRow] !== call[key as keyof CallRow]))
      this.#keep(next);
  }
  changed(): readonly { readonly call: CallRow; readonly before: CallRow | undefined }[] {
    return [...this.#bySeq.values()].flatMap((call) => {
      const before = this.#before.get(call.seq);
      return before === call ? [] : [{ call, before }];
    });
  }
}

function newCall({ seq, at, question }: Told & { readonly question: Question }): CallRow {
  const { session: _session, trace: _trace, ...asked } = question;
  return {
    ...asked,
    seq,
    at,
    decision: 'denied',
    outcome: 'refused',
    permitted_by: null,
    caller_enforced: false,
    reason: null,
    reviews: [],
    sentence: '',
    request_id: null,
    granted_by: null,
    execution_id: null,
    resolved_at: null,
    started_at: null,
    ended_at: null,
    asked_again: 0,
    trail: '',
    shape: '',
    same: '',
  };
}

export function fold(calls: Calls, told: Told): void {
  switch (told.kind) {
    case 'held':
      held(calls, told);
      break;
    case 'refused':
      refused(calls, told);
      break;
    case 'started':
      started(calls, told);
      break;
    case 'ended':
      ended(calls, told);
      break;
    case 'reviewed':
      reviewed(calls, told);
      break;
    case 'resolved':
      resolved(calls, told);
      break;
  }
}

type Of<K extends Told['kind']> = Extract<Told, { readonly kind: K }>;

function held(calls: Calls, told: Of<'held'>): void {
  const { request_id } = told;
  if (calls.of(request_id) === undefined)
    calls.begin(told, { decision: 'held', outcome: 'waiting', request_id });
}

/** Refused because of its own request, it is the held call hearing its answer, or asked once more: no call of its own. */
function refused(calls: Calls, told: Of<'refused'>): void {
  const own = calls.of(told.request_id);
  if (own === undefined) calls.begin(told, { reason: told.reason });
  else calls.change(own, { asked_again: own.asked_again + 1 });
}

/** The first run on an approval is the end of the call that was held for it; any other is a call of its own. */
function started(calls: Calls, told: Of<'started'>): void {
  if (calls.running(told.execution_id) !== undefined) return;
  const { execution_id, caller_enforced, at } = told;
  const permitted_by: PermittedBy = told.by;
  const outcome: CallOutcome = caller_enforced ? 'permitted' : 'running';
  const run = { execution_id, caller_enforced, permitted_by, outcome, started_at: at } as const;
  const own = told.by === 'grant' ? undefined : calls.of(told.request_id);
  if (own !== undefined && own.execution_id === null) calls.change(own, run);
  else calls.begin(told, { ...run, decision: 'allowed', granted_by: told.request_id ?? null });
}

function ended(calls: Calls, { execution_id, status, cause, at }: Of<'ended'>): void {
  const call = calls.running(execution_id);
  const outcome = ENDED[status] ?? 'unknown';
  if (call !== undefined) calls.change(call, { outcome, ended_at: at, reason: cause ?? null });
}

function reviewed(calls: Calls, { request_id, reviewer, decision, at }: Of<'reviewed'>): void {
  const call = calls.of(request_id);
  if (call === undefined || call.reviews.some((each) => each.reviewer === reviewer && each.at === at)) return;
  calls.change(call, { reviews: [...call.reviews, { reviewer, decision, at }] });
}

const ENDED: { readonly [status: string]: CallOutcome } = { succeeded: 'succeeded', failed: 'failed' };

const RESOLVED: { readonly [status: string]: CallOutcome } = {
  approved: 'approved',
  denied: 'denied',
  expired: 'expired',
  cancelled: 'cancelled',
  failed: 'void',
};
/** Of an approval that nobody used. */
const LEFT: { readonly [status: string]: CallOutcome } = {
  'approval-expired': 'unused',
  'approval-revoked': 'revoked',
};

function resolved(calls: Calls, { request_id, status, at }: Of<'resolved'>): void {
  const call = calls.of(request_id);
  if (call === undefined) return;
  const outcome = RESOLVED[status];
  if (outcome !== undefined) {
    if (call.resolved_at === null) calls.change(call, { outcome, resolved_at: at });
    return;
  }
  const left = LEFT[status];
  if (left !== undefined && call.outcome === 'approved') calls.change(call, { outcome: left });
}
