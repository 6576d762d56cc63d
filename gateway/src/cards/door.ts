/**
 * The one door of a channel. Who answers follows from the account its service vouched for, what they answer from the version
 * of the card they saw; the rest is asked of {@link Requests.review} like any answer. Each refusal is one plain sentence for
 * whoever clicked. Nothing here can resolve a request.
 */
import { type Eligibility, eligibility, type Person, type Proof } from '@countersign/core';
import type { Card, ChannelAnswer, ChannelDoor, Told, Waiting } from '../channels/channel.ts';
import type { Deps } from '../deps.ts';
import { loadCase } from '../requests/case.ts';
import { loadRequest } from '../requests/load.ts';
import type { Requests, ReviewOutcome } from '../requests/requests.ts';
import { proofNeeded } from '../requests/signing/stage.ts';
import { cardAs } from './card.ts';
import type { Drawn } from './carrying/dispatch.ts';
import type { Linking } from './linking.ts';
import { type CardRow, readCard } from './rows.ts';
import { keepVersion, readVersion, type Version } from './versions.ts';

export type DoorDeps = Pick<Deps, 'store' | 'authority' | 'now' | 'log' | 'public_url'> & {
  readonly requests: Pick<Requests, 'review' | 'inbox'>;
  readonly draw: (row: CardRow, version: number) => Promise<Drawn | undefined>;
  readonly linking: Linking;
};

/** What one person is told waits for them (I15). */
const WAITING_MAX = 50;

export const doorOf = (deps: DoorDeps, kind: string): ChannelDoor => ({
  personOf: (account) => plain(personOf(deps, account)),
  review: (answer) => review(deps, kind, answer),
  async cardFor(card_id, account) {
    const row = await readCard(deps.store, card_id);
    if (row === undefined || row.channel !== kind) return undefined;
    const card = await current(deps, row);
    return card === undefined ? undefined : cardAs(card, await viewerOf(deps, row, personOf(deps, account)));
  },
  waitingFor: (account) => waitingFor(deps, account),
  linkPage: (account, label) => deps.linking.begin({ channel: kind, account, label }),
  adopt: async (account, email) => plain(await deps.linking.adopt({ channel: kind, account, email })),
  now: deps.now,
  log: deps.log,
  public_url: deps.public_url,
});

const plain = (person: Person | undefined): { readonly id: string; readonly name: string } | undefined =>
  person === undefined ? undefined : { id: person.id, name: person.name };

/** By the directory of this moment: who was taken out, or whose account was, is nobody here from then on (I8). */
function personOf({ authority }: Pick<DoorDeps, 'authority'>, account: string): Person | undefined {
  // A name of its own kind only: an id or an e-mail address would be somebody without any service having said so (A15).
  if (!/^[a-z][a-z0-9-]{1,31}:./.test(account) || account.startsWith('email:')) return undefined;
  const person = authority.current().directory.personOfAccount(account);
  return person?.active === true ? person : undefined;
}

/** The card as it is now, with a version whose meaning is on record. */
async function current(deps: DoorDeps, row: CardRow): Promise<Card | undefined> {
  const drawn = await deps.draw(row, row.wanted);
  if (drawn === undefined) return undefined;
  const { card, detail } = drawn;
  const kept = await keepVersion(
    deps.store,
    { ...row, card_id: row.id, version: card.version, offers: card.offers.kind, ...digests(detail) },
    { now: deps.now() },
  );
  // Its number means something older: no answer may be given on it until it is drawn anew. Over, it takes none anyway.
  return kept === 'kept' || card.offers.kind === 'none'
    ? card
    : { ...card, offers: { kind: 'link', why: 'This changes right now; look again.' } };
}

const digests = ({ action_digest, rendered_digest }: Drawn['detail']) => ({ action_digest, rendered_digest });

async function viewerOf(deps: DoorDeps, { request_id }: CardRow, person: Person | undefined) {
  const stored = person === undefined ? undefined : await loadRequest(deps.store, request_id);
  if (person === undefined || stored === undefined) return undefined;
  const theCase = await loadCase(deps, stored, { authority: deps.authority.current() });
  const may: Eligibility = eligibility(person, theCase);
  const proof: Proof | undefined = may.eligible ? proofNeeded(person, theCase) : undefined;
  return { eligibility: may, ...(proof === undefined ? {} : { proof_needed: proof }) };
}

async function review(deps: DoorDeps, kind: string, answer: ChannelAnswer): Promise<Told> {
  const row = await readCard(deps.store, answer.card_id);
  if (row === undefined || row.channel !== kind) return UNKNOWN_CARD;
  const person = personOf(deps, answer.account);
  if (person === undefined) return NOT_LINKED;
  const version = await readVersion(deps.store, row.id, answer.version);
  const stored = await loadRequest(deps.store, row.request_id);
  if (version === undefined || stored === undefined) return UNKNOWN_CARD;
  const not =
    stored.request.status === 'pending' ? await notOffered(deps, version, { answer, row }) : undefined;
  if (not !== undefined) return withCard(deps, row, { kind: 'refused', says: not });
  const outcome = await deps.requests.review({
    request_id: row.request_id,
    reviewer: person.id,
    decision: answer.decision,
    ...(answer.reason === undefined ? {} : { reason: answer.reason.slice(0, REASON_CHARACTERS_MAX) }),
    proof: 'session',
    action_digest: version.action_digest,
    rendered_digest: version.rendered_digest,
    channel: kind,
  });
  return withCard(deps, row, toldOf(outcome, answer));
}

const REASON_CHARACTERS_MAX = 2_000;

const UNKNOWN_CARD: Told = {
  kind: 'unknown_card',
  says: 'This card is not one Countersign knows any more, so nothing was recorded; look for it in Countersign.',
};
const NOT_LINKED: Told = {
  kind: 'not_linked',
  says: 'Your account here is linked to nobody in Countersign, so nothing was recorded; link it first, then answer.',
};

type Clicked = { readonly answer: ChannelAnswer; readonly row: CardRow };

/**
 * What the version they saw did not offer counts as little as what nobody saw (A4). Nor does what it would not offer any
 * more: cards that were shown before an operator took the answers back still stand there (A10).
 */
async function notOffered(
  { public_url, draw }: DoorDeps,
  { version, offers }: Version,
  { answer, row }: Clicked,
): Promise<string | undefined> {
  const now = (await draw(row, version))?.card.offers.kind ?? 'link';
  // It ended meanwhile: what then stands is said by whom it is asked of next.
  if (offersIt(offers, answer) && (now === 'none' || offersIt(now, answer))) return undefined;
  return `This cannot be ${answer.decision} from here, so nothing was recorded; answer on its page: ${public_url}/requests/${row.request_id}`;
}

const offersIt = (offers: Version['offers'], { decision }: ChannelAnswer): boolean =>
  offers === 'answers' || (offers === 'deny_or_link' && decision === 'denied');

function toldOf(outcome: ReviewOutcome, { decision }: ChannelAnswer): Told {
  if (outcome.kind === 'refused') {
    const { message, status } = outcome;
    return { kind: 'refused', says: message, ...(status === undefined ? {} : { status }) };
  }
  const { status, quorum } = outcome;
  const says =
    decision === 'denied'
      ? 'You denied it. Nothing will be run.'
      : status === 'approved'
        ? 'You approved it; with that it is approved, and may run.'
        : `You approved it: ${quorum.filled} of ${quorum.needed} answers given, so it waits for more.`;
  return { kind: 'recorded', says, status };
}

/** What the place should show now, whatever delivery is at; an answer stands even if that cannot be drawn. */
async function withCard(deps: DoorDeps, row: CardRow, told: Told): Promise<Told> {
  try {
    const now = (await readCard(deps.store, row.id)) ?? row;
    const card = await current(deps, now);
    return card === undefined ? told : { ...told, status: card.status, card };
  } catch (error) {
    deps.log.warn({ card: row.id, error: String(error) }, 'a card could not be drawn after an answer');
    return told;
  }
}

async function waitingFor(deps: DoorDeps, account: string): Promise<readonly Waiting[]> {
  const person = personOf(deps, account);
  if (person === undefined) return [];
  const { items } = await deps.requests.inbox(person.id, { for_me: true }, { limit: WAITING_MAX });
  return items.map(({ id, sentence, risk, agent, upstream, env, opened_at, expires_at, ...own }) => ({
    request_id: id,
    sentence,
    risk,
    agent,
    upstream,
    env,
    opened_at,
    expires_at,
    link: `${deps.public_url}/requests/${encodeURIComponent(id)}`,
    eligibility: own.eligibility,
    ...(own.proof_needed === undefined ? {} : { proof_needed: own.proof_needed }),
  }));
}
