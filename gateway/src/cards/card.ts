/**
 * What a card says, from the request as the gateway shows it to nobody in particular: secrets and personal data are blank,
 * nothing hidden is revealed, and what the agent says stands apart (I6, I7, A1). Pure. A card that cannot show the whole
 * action offers no approval, only the page that can (A4).
 */
import {
  compact,
  type Eligibility,
  formatLine,
  INELIGIBLE,
  isJsonObject,
  type JsonObject,
  PROOFS,
  type Proof,
  type Requirement,
  RISKS,
  renderJson,
  visible,
} from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import type { Card, CardOffers } from '../channels/channel.ts';
import type { ChannelsConfig } from '../channels/config.ts';
import type { Because } from './plan.ts';
import { progressOf } from './progress.ts';

/** What fits nowhere is cut here already; what a service takes is its channel's to know (A4). */
export const SHOWN_LINES_MAX = 400;
export const SHOWN_CHARACTERS_MAX = 20_000;
/** What a service draws on one row of fixed width, on a narrow screen too. */
const ROW_CHARACTERS = 60;
const CLAIM_CHARACTERS_MAX = 2_000;
const NAME_CHARACTERS_MAX = 200;
const REASON_CHARACTERS_MAX = 1_000;

const ERASED = '(erased)';

export type CardParts = {
  readonly id: string;
  readonly version: number;
  readonly detail: RequestDetail;
  readonly because: Because;
  readonly answers_up_to: ChannelsConfig['answers_up_to'];
  readonly public_url: string;
  /** What would happen, as the gateway found out; one sentence each, made visible. */
  readonly impact?: readonly string[];
};

export function cardOf({
  id,
  version,
  detail,
  because,
  answers_up_to,
  public_url,
  impact = [],
}: CardParts): Card {
  const { lines, complete } = shownOf(detail);
  const { principal } = detail;
  const link = `${public_url}/requests/${encodeURIComponent(detail.id)}`;
  return {
    id,
    version,
    request_id: detail.id,
    status: detail.status,
    sentence: detail.sentence,
    risk: detail.risk,
    agent: name(detail.agent),
    ...(principal.subject.id === detail.agent ? {} : { subject: name(principal.subject.id) }),
    ...(detail.owner === null ? {} : { owner: name(detail.owner) }),
    upstream: name(detail.upstream),
    env: name(detail.env),
    action: name(detail.action),
    resource: name(detail.resource),
    shown: detail.erased === undefined ? lines : [ERASED],
    impact: [...impact, ...hiddenIn(detail)],
    ...(detail.claim === undefined
      ? {}
      : { claim: visible(detail.claim, { chars_max: CLAIM_CHARACTERS_MAX }).text }),
    why: detail.explanation.deciding.map(({ rule, about }) => ({ rule: name(rule), about: text(about) })),
    opened_at: detail.opened_at,
    expires_at: detail.expires_at,
    quorum: detail.quorum,
    answers: detail.reviews.map(({ name: who, decision, reviewed_at, reason }) => ({
      name: name(who),
      decision,
      at: reviewed_at,
      ...(reason === undefined ? {} : { reason: text(reason) }),
    })),
    progress: progressOf(detail),
    offers: offersOf(detail, { complete, answers_up_to }),
    link,
    because,
    ...(detail.broken_glass?.review === 'open' ? { glass_open: true } : {}),
    ...(detail.erased === undefined ? {} : { erased: true }),
  };
}

const name = (value: string): string => visible(value, { chars_max: NAME_CHARACTERS_MAX }).text;
const text = (value: string): string => visible(value, { chars_max: REASON_CHARACTERS_MAX }).text;

function shownOf({ shown_action, redactions }: RequestDetail) {
  const { lines, complete } = renderJson(inReadingOrder(shown_action), {
    redactions: Map.groupBy(redactions, ({ pointer }) => pointer),
    lines_max: SHOWN_LINES_MAX,
    chars_max: SHOWN_CHARACTERS_MAX,
  });
  return { lines: compact(lines, { room: ROW_CHARACTERS }).map(formatLine), complete };
}

/** What is done first, who and what for last: the same members, so the same action. */
function inReadingOrder(action: JsonObject): JsonObject {
  const context = action['context'];
  const ordered = first(action, ['action', 'resource', 'context', 'subject', 'act']);
  return isJsonObject(context) ? { ...ordered, context: first(context, ['arguments']) } : ordered;
}

/** Entries, not assignments: a member called `__proto__` stays a member (A6). */
function first(object: JsonObject, names: readonly string[]): JsonObject {
  const rank = (member: string): number => (names.includes(member) ? names.indexOf(member) : names.length);
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => rank(a) - rank(b)));
}

function hiddenIn({ redactions, findings_total: found }: RequestDetail): readonly string[] {
  return [
    ...(redactions.length === 0
      ? []
      : [
          `Hidden here: ${counted(redactions.length, 'value')} that ${redactions.length === 1 ? 'is' : 'are'} secret or personal.`,
        ]),
    ...(found === 0
      ? []
      : [
          `Written out here: ${counted(found, 'character')} that nobody could see, or would take for another.`,
        ]),
  ];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

type Offering = { readonly complete: boolean; readonly answers_up_to: ChannelsConfig['answers_up_to'] };

function offersOf(
  { status, approvable, risk, requirement }: RequestDetail,
  { complete, answers_up_to }: Offering,
): CardOffers {
  if (status !== 'pending') return { kind: 'none' };
  if (answers_up_to === 'none') return { kind: 'link', why: 'Answers are given on the request’s page.' };
  const proof = strongest(requirement);
  // A no is proven like a yes: where the policy asks for more than a click proves, neither is offered.
  if (proof !== 'session') return { kind: 'link', why: WHY_PROOF[proof] };
  const why = !approvable.ok
    ? approvable.why
    : !complete
      ? 'The action is too long to show here in full; its page shows all of it.'
      : RISKS.indexOf(risk) > RISKS.indexOf(answers_up_to)
        ? `A request of ${risk} risk is approved on its page.`
        : undefined;
  return why === undefined ? { kind: 'answers' } : { kind: 'deny_or_link', why };
}

const WHY_PROOF: { readonly [P in Exclude<Proof, 'session'>]: string } = {
  recent: 'The policy asks for a recent sign-in; answer on its page.',
  passkey: 'The policy asks for an answer signed with a passkey; give it on its page.',
};

/** Of any seat: a button must not be one that cannot count. */
function strongest({ seats, choices, next = [] }: Requirement): Proof {
  const stages = [{ seats, choices }, ...next];
  const all = stages.flatMap((stage) => [
    ...stage.seats,
    ...stage.choices.flatMap(({ anyOf }) => anyOf.flat()),
  ]);
  return PROOFS[Math.max(0, ...all.map(({ proof }) => PROOFS.indexOf(proof)))] ?? 'passkey';
}

export type Viewer = { readonly eligibility: Eligibility; readonly proof_needed?: Proof } | undefined;

/** The same card for one person: their own buttons, or why they have none. Never more than the card itself offers. */
export function cardAs(card: Card, viewer: Viewer): Card {
  const { offers } = card;
  if (offers.kind === 'none' || offers.kind === 'link') return card;
  if (viewer === undefined) return { ...card, offers: { kind: 'link', why: NOT_KNOWN } };
  const { eligibility, proof_needed = 'session' } = viewer;
  if (!eligibility.eligible)
    return {
      ...card,
      offers: { kind: 'link', why: `You may not review this: ${INELIGIBLE[eligibility.why]}.` },
    };
  if (proof_needed !== 'session') return { ...card, offers: { kind: 'link', why: WHY_PROOF[proof_needed] } };
  return card;
}

const NOT_KNOWN = 'Your account here is linked to nobody in Countersign; link it first.';

/** The channel says it cannot show this card whole: then nobody approves from it (A4). */
export const withoutApproval = (card: Card, why: string): Card =>
  card.offers.kind === 'answers' ? { ...card, offers: { kind: 'deny_or_link', why } } : card;
