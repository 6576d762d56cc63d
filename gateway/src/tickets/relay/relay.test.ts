/**
 * A person's own answer in a ticket system's hands: a real provider's ID token, or their passkey's signature, for exactly one
 * answer. Whatever else is handed over changes nothing (A15–A18).
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Statement } from '@countersign/core';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import type { Twist } from '../../../testing/authenticator.ts';
import { Browser, type Idp, startIdp } from '../../../testing/idp.ts';
import { createSignedRig, type KeyHouse, openKeyHouse } from '../../../testing/passkeys.ts';
import { idTokenOf, TICKET_CALLBACK, TICKET_CLIENT, type TokenAsk } from '../../../testing/relay.ts';
import { CONFIG, held, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { createFindings } from '../../audit/verify/report.ts';
import { Story } from '../../audit/verify/story.ts';
import { type Config, configSchema } from '../../config/config.ts';
import { hashCredential, makeCredential } from '../../identity/credential.ts';
import { createProvider } from '../../identity/oidc/provider/provider.ts';
import type { TicketSystem } from '../../identity/ticketing.ts';
import { createTickets, type TicketOutcome, type Tickets } from '../tickets.ts';
import type { RelayAnswer } from './answer.ts';
import type { RelayAsk, RelayAsked } from './ask.ts';

const KEYS = { jira: makeCredential('ticket'), snow: makeCredential('ticket') };
const JIRA = 'https://jira.example.com';
const OWN_CALLBACK = 'http://localhost:7070/sign-in/corp/callback';

const asks = (proof: 'session' | 'recent' | 'passkey', over: object = {}) => ({
  then: 'require' as const,
  requirement: { ...SEAT, seats: [{ by: 'anyone' as const, count: 1, proof }], ...over },
});
const RULES = {
  write: asks('session'),
  recent: asks('recent'),
  signed: asks('passkey'),
  grave: { ...asks('session'), risk: 'critical' as const },
};

let idp: Idp;
before(async () => {
  const others = [
    { client_id: TICKET_CLIENT, redirect_uri: TICKET_CALLBACK },
    { client_id: 'snow', redirect_uri: TICKET_CALLBACK },
  ];
  idp = await startIdp({ redirect_uris: [OWN_CALLBACK], others });
  for (const sub of ['al', 'bob', 'carol', 'eve', 'stranger']) idp.accounts.set(sub, { name: sub });
});
after(() => idp.close());

let rig: Rig;
let house: KeyHouse;
let tickets: Tickets;
let statements: Awaited<ReturnType<typeof createSignedRig>>['statements'];
let answers_up_to: 'none' | 'high';

const configOf = (jira: object = {}): Config => {
  const system = (id: 'jira' | 'snow') => ({
    keys: [{ hash: hashCredential(KEYS[id]), expires: '2099-01-01' }],
    may: ['comment', 'deny', 'relay'],
    sees: 'all',
    oidc: { provider: 'corp', client_id: id },
    origins: [`https://${id}.example.com`],
  });
  const { ticketing } = configSchema.parse({
    ticketing: { jira: { ...system('jira'), ...jira }, snow: system('snow') },
  });
  const account = (sub: string) => ({ accounts: [`oidc:${idp.issuer}#${sub}`] });
  const { alice, bob, carol, eve } = CONFIG.people;
  assert.ok(alice && bob && carol && eve);
  const people = {
    ...CONFIG.people,
    alice: { ...alice, ...account('al') },
    bob: { ...bob, ...account('bob') },
    carol: { ...carol, ...account('carol') },
    eve: { ...eve, ...account('eve') },
  };
  return { ...CONFIG, people, ticketing };
};

beforeEach(async () => {
  ({ rig, statements } = await createSignedRig(policyOf(RULES, '2b'.repeat(32))));
  // A real provider keeps real time.
  rig.time.now = Date.now();
  answers_up_to = 'high';
  house = openKeyHouse(rig);
  const { sign_in } = configSchema.parse({
    sign_in: {
      oidc: { corp: { name: 'Corp', issuer: idp.issuer, client_id: 'countersign', client_secret: 'env:S' } },
    },
  });
  const { corp } = sign_in.oidc;
  assert.ok(corp);
  const provider = createProvider({
    id: 'corp',
    config: corp,
    client_secret: idp.client_secret,
    public_url: 'http://localhost:7070',
    fetch,
    now: rig.deps.now,
  });
  const parts = { requests: rig.requests, providers: new Map([['corp', provider]]) };
  tickets = createTickets({ ...rig.deps, ...parts, answersUpTo: () => answers_up_to });
  await rig.change({ config: configOf() });
});
afterEach(() => rig.close());

function system(id: keyof typeof KEYS = 'jira'): TicketSystem {
  const found = tickets.admit(KEYS[id]);
  assert.ok('system' in found);
  return found.system;
}
const open = async (tool = 'write', args: object = {}): Promise<string> =>
  held(await rig.call(tool, { ...args })).id;

type Over = Partial<Omit<RelayAsk, 'proof'>>;
async function shownTo(id: string, by = system()): Promise<Omit<RelayAsk, 'proof'>> {
  const shown = await tickets.rendering(by, id);
  assert.ok(shown.kind === 'done', JSON.stringify(shown));
  const { action_digest, rendered_digest } = shown.result;
  return { request_id: id, person: 'bob', decision: 'approved', action_digest, rendered_digest };
}
type OidcAsked = Extract<RelayAsked, { readonly proof: 'oidc' }>;
async function askOidc(asking: Omit<RelayAsk, 'proof'>, by = system()): Promise<OidcAsked> {
  const asked = await tickets.ask(by, { ...asking, proof: 'oidc' });
  assert.ok(asked.kind === 'done' && asked.result.proof === 'oidc', JSON.stringify(asked));
  return asked.result;
}
const why = (outcome: TicketOutcome<unknown>): string => (outcome.kind === 'done' ? 'done' : outcome.why);
const handOver = (answer: RelayAnswer, by = system()) => tickets.answer(by, answer);
const statusOf = async (id: string) => (await rig.requests.show(id, 'carol'))?.status;
const changesOf = async (id: string) =>
  (await statements()).flatMap(({ predicate }) =>
    predicate.task_id === id && typeof predicate['change'] === 'string' ? [predicate['change']] : [],
  );
const untouched = async (id: string): Promise<void> => {
  const shown = await rig.requests.show(id, 'carol');
  assert.deepEqual([shown?.status, shown?.reviews], ['pending', []]);
};

describe('an ID token for exactly one answer', () => {
  it('is the person’s answer: counted as theirs, and on the record as relayed', async () => {
    const id = await open();
    const asking = { ...(await shownTo(id)), reason: 'seen in OPS-12' };
    const { nonce, client_id } = await askOidc(asking);
    assert.equal(client_id, 'jira');
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    const taken = await handOver({ ...asking, proof: { id_token } });
    assert.ok(taken.kind === 'done' && taken.result.status === 'approved', JSON.stringify(taken));
    const [review] = (await rig.requests.show(id, 'carol'))?.reviews ?? [];
    assert.deepEqual(
      [review?.reviewer, review?.relayed, review?.reason],
      ['bob', { by: 'jira', proof: 'oidc' }, 'seen in OPS-12'],
    );
    const entry = (await statements()).find(({ predicateType }) => predicateType.includes(':review:'));
    const relayed = entry?.predicate['relayed'] as
      | { readonly by: string; readonly proof: string }
      | undefined;
    assert.deepEqual([relayed?.by, relayed?.proof, entry?.predicate['proof']], ['jira', 'oidc', 'recent']);
    assert.ok(!JSON.stringify(entry).includes(id_token.slice(0, 40)), 'the token is only committed to (I7)');
    assert.equal((await rig.call('write')).kind, 'permitted');
  });

  it('is a denial as well, with its reason', async () => {
    const id = await open();
    const asking = { ...(await shownTo(id)), decision: 'denied' as const, reason: 'no' };
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    const taken = await handOver({ ...asking, proof: { id_token } });
    assert.ok(taken.kind === 'done' && taken.result.status === 'denied');
    assert.equal((await rig.requests.show(id, 'carol'))?.refused_by, undefined, 'a person denied it');
  });

  it('proves a recent sign-in, and no passkey', async () => {
    const recent = await open('recent');
    const asking = await shownTo(recent);
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    assert.equal(why(await handOver({ ...asking, proof: { id_token } })), 'done');
    await house.give('bob');
    const signed = await shownTo(await open('signed'));
    assert.equal(why(await tickets.ask(system(), { ...signed, proof: 'oidc' })), 'proof_too_weak');
  });

  type Attack = (given: { readonly nonce: string; readonly asking: Omit<RelayAsk, 'proof'> }) => Promise<{
    readonly id_token: string;
    readonly over?: Over;
    readonly by?: TicketSystem;
  }>;
  const token = (ask: Omit<TokenAsk, 'sub'> & { readonly sub?: string }) =>
    idTokenOf(idp, { sub: 'bob', max_age: 0, ...ask });
  const forged = async (
    id_token: string,
    {
      claims = {},
      header = {},
      key,
    }: { claims?: object; header?: object; key?: Parameters<SignJWT['sign']>[0] },
  ): Promise<string> => {
    const payload: JWTPayload = { ...decodeJwt(id_token), ...claims };
    const head = { ...decodeProtectedHeader(id_token), ...header } as { alg: string };
    return new SignJWT(payload).setProtectedHeader(head).sign(key ?? (await importJWK(idp.key(), 'RS256')));
  };
  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  const attacks: readonly (readonly [name: string, why: string, attack: Attack])[] = [
    [
      'signed with a key of the thief’s',
      'proof_refused',
      async ({ nonce }) => {
        const { privateKey } = await generateKeyPair('RS256');
        return { id_token: await forged(await token({ nonce }), { key: privateKey }) };
      },
    ],
    [
      'not signed at all (alg none)',
      'proof_refused',
      async ({ nonce }) => {
        const [, body] = (await token({ nonce })).split('.');
        return { id_token: `${base64({ alg: 'none' })}.${body}.` };
      },
    ],
    [
      'for the console’s client',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce, client_id: 'countersign', redirect_uri: OWN_CALLBACK }),
      }),
    ],
    [
      'for another ticket system’s client',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce, client_id: 'snow' }) }),
    ],
    ['without the nonce', 'proof_refused', async () => ({ id_token: await token({}) })],
    [
      'with a nonce of the system’s choosing',
      'proof_refused',
      async () => ({ id_token: await token({ nonce: 'mine' }) }),
    ],
    [
      'that does not say when they signed in',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await forged(await token({ nonce }), { claims: { auth_time: undefined } }),
      }),
    ],
    [
      'of a sign-in before they were asked',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await forged(await token({ nonce }), {
          claims: { auth_time: Math.floor(Date.now() / 1000) - 60 },
        }),
      }),
    ],
    [
      'of somebody else',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce, sub: 'carol' }) }),
    ],
    [
      'of somebody nobody knows',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce, sub: 'stranger' }) }),
    ],
    [
      'for the other decision',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce }), over: { decision: 'denied' } }),
    ],
    [
      'with other words of theirs',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce }), over: { reason: 'I checked it' } }),
    ],
    [
      'over another view',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce }),
        over: { rendered_digest: `sha256:${'0'.repeat(64)}` },
      }),
    ],
    [
      'over another action',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce }),
        over: { action_digest: `sha256:${'0'.repeat(64)}` },
      }),
    ],
    [
      'handed over for another request',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce }),
        over: { request_id: await open('write', { n: 2 }) },
      }),
    ],
    [
      'handed over by another system',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce }), by: system('snow') }),
    ],
    [
      'after five minutes',
      'proof_refused',
      async ({ nonce }) => {
        const id_token = await token({ nonce });
        rig.time.now += 30_000; // The request itself waits a minute: what is over is the question.
        await rig.store.commit({
          name: 'later',
          steps: [
            {
              name: 'later',
              sql: 'UPDATE ticket_challenges SET expires_at = $1',
              params: [rig.time.now],
              rows: 'any',
            },
          ],
          entries: [],
        });
        return { id_token };
      },
    ],
    ['that is prose', 'proof_refused', async () => ({ id_token: 'yes, go ahead' })],
  ];
  for (const [name, want, attack] of attacks)
    it(`changes nothing ${name}, and that is on the record`, async () => {
      const id = await open();
      const asking = await shownTo(id);
      const { nonce } = await askOidc(asking);
      const { id_token, over = {}, by } = await attack({ nonce, asking });
      const outcome = await handOver({ ...asking, ...over, proof: { id_token } }, by);
      assert.equal(why(outcome), want, JSON.stringify(outcome));
      await untouched(id);
      assert.ok((await changesOf(over.request_id ?? id)).includes('relayed answer refused'));
      const reviews = (await statements()).filter(({ predicateType }) => predicateType.includes(':review:'));
      assert.deepEqual(reviews, [], 'nobody is said to have answered');
    });

  it('of a session that was there before is refused by the provider’s own word', async () => {
    const browser = new Browser();
    await idTokenOf(idp, { sub: 'bob', nonce: 'earlier', max_age: 0, browser });
    await new Promise((resolve) => setTimeout(resolve, 1_100 - (Date.now() % 1_000)));
    rig.time.now = Date.now();
    const id = await open();
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    // No sign-in: the provider knows them still, and says since when.
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 3_600, browser });
    assert.equal(why(await handOver({ ...asking, proof: { id_token } })), 'proof_refused');
    await untouched(id);
  });

  it('is good once: again, at once or later, it changes nothing and is told so (A17)', async () => {
    const id = await open('write', { n: 3 });
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    const answer = { ...asking, proof: { id_token } };
    const all = await Promise.all(Array.from({ length: 8 }, () => handOver(answer)));
    assert.equal(all.filter((each) => each.kind === 'done').length, 1, JSON.stringify(all));
    const later = await handOver(answer);
    assert.ok(later.kind === 'refused' && later.why === 'already_resolved' && later.status === 'approved');
    assert.equal((await rig.requests.show(id, 'carol'))?.reviews.length, 1);
  });

  it('a question is answered once, also wrongly: the right token comes too late then', async () => {
    const id = await open();
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    const wrong = await idTokenOf(idp, { sub: 'carol', nonce, max_age: 0 });
    const right = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    await handOver({ ...asking, proof: { id_token: wrong } });
    assert.equal(why(await handOver({ ...asking, proof: { id_token: right } })), 'proof_refused');
    await untouched(id);
  });

  it('is taken later when the provider could not be asked', async () => {
    const id = await open();
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    idp.down = true;
    assert.equal(why(await handOver({ ...asking, proof: { id_token } })), 'unavailable');
    idp.down = false;
    rig.time.now += 3_000;
    assert.equal(why(await handOver({ ...asking, proof: { id_token } })), 'done');
  });

  it('late, after somebody else answered, changes nothing and is recorded', async () => {
    const id = await open();
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    await rig.answer(id, 'carol', { decision: 'denied' });
    const late = await handOver({ ...asking, proof: { id_token } });
    assert.ok(late.kind === 'refused' && late.why === 'already_resolved' && late.status === 'denied');
    assert.equal(await statusOf(id), 'denied');
    assert.ok((await changesOf(id)).includes('relayed answer refused'));
  });

  it('of somebody who is taken out meanwhile is none (A10)', async () => {
    const id = await open();
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    const config = configOf();
    const { bob } = config.people;
    assert.ok(bob);
    await rig.change({ config: { ...config, people: { ...config.people, bob: { ...bob, active: false } } } });
    assert.notEqual(why(await handOver({ ...asking, proof: { id_token } })), 'done');
    await untouched(id);
  });

  it('of an account that is another person’s by now is none (A13)', async () => {
    const id = await open();
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    const config = configOf();
    const { bob, carol } = config.people;
    assert.ok(bob && carol);
    const people = {
      ...config.people,
      bob: { ...bob, accounts: [] },
      carol: { ...carol, accounts: bob.accounts },
    };
    await rig.change({ config: { ...config, people } });
    assert.equal(why(await handOver({ ...asking, proof: { id_token } })), 'proof_refused');
    await untouched(id);
  });

  it('by a system that may no longer is none (I8)', async () => {
    const id = await open();
    const asking = await shownTo(id);
    const { nonce } = await askOidc(asking);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    const before = system();
    await rig.change({ config: configOf({ may: ['comment'] }) });
    assert.equal(why(await handOver({ ...asking, proof: { id_token } }, before)), 'proof_refused');
    await untouched(id);
  });
});

describe('who is asked', () => {
  for (const [name, person] of [
    ['the owner of the agent', 'alice'],
    ['the owner, by their account at the provider', 'OWNER'],
    ['an auditor', 'eve'],
    ['somebody inactive', 'mallory'],
    ['nobody', 'nobody'],
    ['the agent', 'coder'],
    ['the ticket system itself', 'ticketing:jira'],
  ] as const)
    it(`is not ${name} (A13)`, async () => {
      const asking = await shownTo(await open());
      const named = person === 'OWNER' ? `oidc:${idp.issuer}#al` : person;
      const asked = await tickets.ask(system(), { ...asking, person: named, proof: 'oidc' });
      assert.deepEqual(asked.kind === 'refused' && [asked.why, asked.message], [
        'not_eligible',
        'This person may not answer this request; its page tells them why.',
      ]);
    });

  it('is somebody with an account there', async () => {
    const asking = await shownTo(await open());
    assert.equal(why(await tickets.ask(system(), { ...asking, person: 'dan', proof: 'oidc' })), 'no_account');
  });

  it('over what was handed out whole, and nothing else (A4)', async () => {
    const id = await open();
    const shown = await rig.requests.show(id, 'bob');
    assert.ok(shown);
    const { action_digest, rendered_digest } = shown;
    const asking = {
      request_id: id,
      person: 'bob',
      decision: 'approved',
      action_digest,
      rendered_digest,
    } as const;
    assert.equal(why(await tickets.ask(system(), { ...asking, proof: 'oidc' })), 'shown_changed');
    await shownTo(id, system('snow'));
    assert.equal(why(await tickets.ask(system(), { ...asking, proof: 'oidc' })), 'shown_changed');
    await shownTo(id);
    assert.equal(why(await tickets.ask(system(), { ...asking, proof: 'oidc' })), 'done');
  });

  it('not where answers are given on the page alone, nor for more risk than a card may take', async () => {
    const grave = await open('grave');
    const asking = await shownTo(grave);
    assert.equal(why(await tickets.ask(system(), { ...asking, proof: 'oidc' })), 'not_allowed');
    assert.equal(why(await tickets.ask(system(), { ...asking, proof: 'passkey' })), 'not_allowed');
    const id = await open();
    const other = await shownTo(id);
    const { nonce } = await askOidc(other);
    const id_token = await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 });
    answers_up_to = 'none';
    assert.equal(why(await tickets.ask(system(), { ...other, proof: 'oidc' })), 'not_allowed');
    assert.equal(why(await tickets.rendering(system(), id)), 'not_allowed');
    assert.equal(why(await handOver({ ...other, proof: { id_token } })), 'not_allowed');
    await untouched(id);
  });

  it('leaves nothing to guess from once the request is erased (I7)', async () => {
    const id = await open();
    const asking = await shownTo(id);
    await askOidc(asking);
    await rig.answer(id, 'bob', { decision: 'denied' });
    const erased = await rig.requests.erase(id, 'dan', 'asked to');
    assert.equal(erased.kind, 'erased', JSON.stringify(erased));
    for (const table of ['ticket_shown', 'ticket_challenges'])
      assert.deepEqual(await rig.store.read({ sql: `SELECT * FROM ${table}`, params: [] }), [], table);
  });

  it('so often an hour and no more; what is handed over unasked counts too', async () => {
    await rig.change({ config: configOf({ limits: { relays_per_hour: 2 } }) });
    const asking = await shownTo(await open());
    await askOidc(asking);
    assert.equal(why(await handOver({ ...asking, proof: { id_token: 'x' } })), 'proof_refused');
    assert.equal(why(await tickets.ask(system(), { ...asking, proof: 'oidc' })), 'too_many');
    assert.equal(why(await handOver({ ...asking, proof: { id_token: 'x' } })), 'too_many');
  });
});

describe('a passkey’s signature, made on the ticket system’s page', () => {
  async function signOn(origin: string, { over = {}, twist = {} }: { over?: Over; twist?: Twist } = {}) {
    const { authenticator } = await house.give('bob');
    const id = await open('signed');
    const asking = await shownTo(id);
    const asked = await tickets.ask(system(), { ...asking, proof: 'passkey' });
    assert.ok(asked.kind === 'done' && asked.result.proof === 'passkey', JSON.stringify(asked));
    const signature = authenticator.get(asked.result.challenge, { origin, ...twist });
    return { id, answer: { ...asking, ...over, proof: { signature } } };
  }

  it('meets a rule that asks for one, and runs what was approved', async () => {
    const { id, answer } = await signOn(JIRA);
    const taken = await handOver(answer);
    assert.ok(taken.kind === 'done' && taken.result.status === 'approved', JSON.stringify(taken));
    const [review] = (await rig.requests.show(id, 'carol'))?.reviews ?? [];
    assert.deepEqual([review?.signed, review?.relayed], [true, { by: 'jira', proof: 'passkey' }]);
    const entry = (await statements()).find(({ predicateType }) => predicateType.includes(':review:'));
    assert.deepEqual(entry?.predicate['relayed'], { by: 'jira', proof: 'passkey', origin: JIRA });
    assert.equal((await rig.call('signed')).kind, 'permitted');
  });

  it('is checked from the log alone, on the page the entry names and on no other (A24)', async () => {
    const { answer } = await signOn(JIRA);
    assert.equal(why(await handOver(answer)), 'done');
    await rig.call('signed');
    const entries = await statements();
    const told = (relayed?: object): readonly string[] => {
      const findings = createFindings();
      const story = new Story(findings);
      entries.forEach((statement, index) => {
        const { relayed: was, ...rest } = statement.predicate;
        const over = was === undefined ? statement.predicate : { ...rest, ...relayed };
        story.add({ ...statement, predicate: over as Statement['predicate'] }, index);
      });
      return findings.list.map(({ detail }) => detail);
    };
    assert.deepEqual(told({ relayed: { by: 'jira', proof: 'passkey', origin: JIRA } }), []);
    assert.match(told().join(), /it was made for another site/);
    const elsewhere = { by: 'jira', proof: 'passkey', origin: 'https://evil.example' };
    assert.match(told({ relayed: elsewhere }).join(), /it was made for another site/);
  });

  for (const [name, origin] of [
    ['another site', 'https://evil.example'],
    ['another ticket system', 'https://snow.example.com'],
    ['our own console', 'http://localhost:7070'],
  ] as const)
    it(`made on the page of ${name} is none`, async () => {
      const { id, answer } = await signOn(origin);
      assert.equal(why(await handOver(answer)), 'proof_refused');
      await untouched(id);
      assert.ok((await changesOf(id)).includes('relayed answer refused'));
    });

  for (const [name, over, twist] of [
    ['for the other decision', { decision: 'denied' as const }, {}],
    ['with other words', { reason: 'I checked' }, {}],
    ['in another’s name', { person: 'carol' }, {}],
    ['inside another page', {}, { crossOrigin: true }],
    ['without a finger', {}, { flags: 0x01 }],
    ['with another site’s keys', {}, { rp_id: 'jira.example.com' }],
  ] as const)
    it(`${name} is none`, async () => {
      const { id, answer } = await signOn(JIRA, { over, twist });
      assert.equal(why(await handOver(answer)), 'proof_refused');
      await untouched(id);
    });

  it('is handed over once, by the system that asked', async () => {
    const { id, answer } = await signOn(JIRA);
    assert.equal(why(await handOver(answer, system('snow'))), 'proof_refused');
    assert.equal(why(await handOver(answer)), 'done');
    assert.equal(why(await handOver(answer)), 'already_resolved');
    assert.equal((await rig.requests.show(id, 'carol'))?.reviews.length, 1);
  });

  it('from the console’s own challenge is none of a ticket system’s, nor the reverse', async () => {
    const { authenticator } = await house.give('bob');
    const id = await open('signed');
    const asked = await house.challengeFor(id, 'bob');
    assert.ok(asked.kind === 'asked');
    const asking = await shownTo(id);
    const stolen = authenticator.get(asked.challenge, { origin: JIRA });
    assert.equal(why(await handOver({ ...asking, proof: { signature: stolen } })), 'proof_refused');
    const theirs = await tickets.ask(system(), { ...asking, proof: 'passkey' });
    assert.ok(theirs.kind === 'done' && theirs.result.proof === 'passkey');
    const signature = authenticator.get(theirs.result.challenge);
    const outcome = await rig.answer(id, 'bob', { session: 'sha256:the-session', signature });
    assert.equal(outcome.kind, 'refused');
    await untouched(id);
  });

  it('no longer counts once its page is none of a ticket system’s (A10)', async () => {
    const { answer } = await signOn(JIRA);
    assert.equal(why(await handOver(answer)), 'done');
    await rig.change({ config: configOf({ origins: ['https://other.example.com'] }) });
    assert.notEqual((await rig.call('signed')).kind, 'permitted');
  });

  it('crowds out nothing the person is about to sign in the console', async () => {
    const { authenticator } = await house.give('bob');
    const id = await open('signed');
    const own = await house.challengeFor(id, 'bob');
    assert.ok(own.kind === 'asked');
    const asking = await shownTo(id);
    for (let n = 0; n < 30; n += 1) await tickets.ask(system(), { ...asking, proof: 'passkey' });
    const signature = authenticator.get(own.challenge);
    const outcome = await rig.answer(id, 'bob', { session: 'sha256:the-session', signature });
    assert.equal(outcome.kind, 'recorded', JSON.stringify(outcome));
  });
});
