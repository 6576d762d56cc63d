import { GLASS_LASTS_MS_MAX, isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { BROKEN_GLASS_MAX, type BrokenGlassSaid, type Findings } from './report.ts';

/** Of one request, as its own entries tell: may its glass be broken, who answers for it, who broke it. */
export type RequestGlass = {
  readonly offered: boolean;
  /** Names of whoever asked, and of the agent's owner. */
  readonly responsible: ReadonlySet<string>;
  broken: Broken | undefined;
};

type Broken = {
  readonly id: string;
  readonly by: string;
  /** Event id of the entry. */
  readonly event: string;
  closed: boolean;
};

/** What is said of it, where it stands and when. */
export type GlassTold = {
  readonly predicate: JsonObject;
  readonly index: number;
  readonly event: string;
  readonly task: string;
  readonly answers: readonly string[];
  readonly at: number;
};

export function glassOf(opened: JsonObject): RequestGlass {
  const who = objectOf(opened['who']);
  const names = [textOf(objectOf(who['subject'])['id']), textOf(who['owner'])].filter((name) => name !== '');
  return { offered: isJsonObject(opened['break_glass']), responsible: new Set(names), broken: undefined };
}

/**
 * Whether broken glass was broken, used and judged as it may be: offered when it was asked, signed by whoever broke it, who
 * answers for none of it; one use within minutes, marked wherever it led; judged by somebody else, once (I3, I4).
 */
export class GlassStory {
  /** The first {@link BROKEN_GLASS_MAX}. */
  readonly list: BrokenGlassSaid[] = [];
  readonly #findings: Findings;
  #total = 0;
  #open = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  get total(): number {
    return this.#total;
  }

  /** Nobody has judged them, as far as the log goes. */
  get open(): number {
    return this.#open;
  }

  /** A `break-glass` entry about a request of this log. `signed`: it carries a signature, and that holds. */
  told(
    request: RequestGlass,
    told: GlassTold,
    { signed, pending }: { signed: boolean; pending: boolean },
  ): void {
    const change = told.predicate['change'];
    if (change === 'broken') this.#broken(request, told, { signed, pending });
    else if (change === 'closed') this.#closed(request, told);
    else if (change === 'acknowledged' && request.broken?.id !== told.predicate['glass_id'])
      this.#wrong(told, 'was acknowledged and never broken');
  }

  /** The resolution that says a broken glass approved it. */
  approved(request: RequestGlass, told: GlassTold): void {
    const { broken } = request;
    const approval = objectOf(told.predicate['approval']);
    const until = approval['approved_until'];
    const wrong = (what: string): void => this.#wrong(told, what);
    if (broken === undefined || broken.id !== told.predicate['broken_glass'])
      wrong('was approved by a broken glass nobody broke');
    else if (!told.answers.includes(broken.event)) wrong('does not answer the entry of its broken glass');
    if (approval['uses'] !== 1) wrong('gave more than one use by a broken glass');
    if (typeof until !== 'number' || until > told.at + GLASS_LASTS_MS_MAX)
      wrong('gave a broken glass more than ten minutes');
  }

  /** A run by an approval of this request. */
  ran({ broken }: RequestGlass, told: GlassTold): void {
    if (broken !== undefined && told.predicate['broken_glass'] !== broken.id)
      this.#wrong(told, 'ran through broken glass, and its entry does not say so');
  }

  #broken(
    request: RequestGlass,
    told: GlassTold,
    { signed, pending }: { signed: boolean; pending: boolean },
  ): void {
    const { predicate, index, event, task } = told;
    const by = textOf(predicate['reviewer']);
    const id = textOf(predicate['glass_id']);
    if (!request.offered) this.#wrong(told, 'had its glass broken, and its rules did not offer that');
    if (!pending || request.broken !== undefined)
      this.#wrong(told, 'had its glass broken when it was no longer pending');
    if (request.responsible.has(by)) this.#wrong(told, `had its glass broken by ${by}, who answers for it`);
    if (!signed) this.#wrong(told, 'had its glass broken without a passkey that signed it');
    this.#total += 1;
    this.#open += 1;
    const said: BrokenGlassSaid = { id, request: task, by, at: textOf(predicate['occurred_at']), index };
    if (this.list.length < BROKEN_GLASS_MAX) this.list.push(said);
    request.broken ??= { id, by, event, closed: false };
  }

  #closed({ broken, responsible }: RequestGlass, told: GlassTold): void {
    const by = textOf(told.predicate['by']);
    const id = textOf(told.predicate['glass_id']);
    if (broken === undefined || broken.id !== id || broken.closed) {
      this.#wrong(told, 'had its broken glass judged twice, or never broken');
      return;
    }
    if (by === broken.by || responsible.has(by))
      this.#wrong(told, `had its broken glass judged by ${by}, who broke it or answers for it`);
    broken.closed = true;
    this.#open -= 1;
    const at = this.list.findIndex((each) => each.id === id);
    const said = this.list[at];
    if (said !== undefined)
      this.list[at] = { ...said, closed: { by, verdict: textOf(told.predicate['verdict']) } };
  }

  #wrong({ task, index }: GlassTold, what: string): void {
    this.#findings.add('bad-break-glass', `request ${task} ${what}`, index);
  }
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
