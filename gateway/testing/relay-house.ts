/** A rig with two ticket systems that may relay, people with accounts at a real provider, and passkeys. Nothing here is shipped. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { type Config, configSchema } from '../src/config/config.ts';
import { hashCredential, makeCredential } from '../src/identity/credential.ts';
import { createProvider } from '../src/identity/oidc/provider/provider.ts';
import type { TicketSystem } from '../src/identity/ticketing.ts';
import type { TicketOutcome } from '../src/tickets/outcome.ts';
import type { RelayAnswer } from '../src/tickets/relay/answer.ts';
import type { RelayAsk, RelayAsked } from '../src/tickets/relay/ask.ts';
import { createTickets } from '../src/tickets/tickets.ts';
import { type Idp, startIdp } from './idp.ts';
import { createSignedRig, openKeyHouse } from './passkeys.ts';
import { idTokenOf, TICKET_CALLBACK, TICKET_CLIENT } from './relay.ts';
import { CONFIG, held, policyOf, SEAT } from './rig.ts';

const KEYS = { jira: makeCredential('ticket'), snow: makeCredential('ticket') };
export const JIRA = 'https://jira.example.com';
export const OWN_CALLBACK = 'http://localhost:7070/sign-in/corp/callback';

const asks = (proof: 'session' | 'recent' | 'passkey') => ({
  then: 'require' as const,
  requirement: { ...SEAT, seats: [{ by: 'anyone' as const, count: 1, proof }] },
});
const RULES = {
  write: asks('session'),
  recent: asks('recent'),
  signed: asks('passkey'),
  staged: {
    then: 'require' as const,
    requirement: { ...SEAT, next: [{ seats: SEAT.seats, choices: [] }] },
  },
  grave: { ...asks('session'), risk: 'critical' as const },
};

async function startTicketIdp(): Promise<Idp> {
  const others = [
    { client_id: TICKET_CLIENT, redirect_uri: TICKET_CALLBACK },
    { client_id: 'snow', redirect_uri: TICKET_CALLBACK },
  ];
  const idp = await startIdp({ redirect_uris: [OWN_CALLBACK], others });
  for (const sub of ['al', 'bob', 'carol', 'eve', 'stranger']) idp.accounts.set(sub, { name: sub });
  return idp;
}

const given = (entries: object): object =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));

/** `jira`: what is otherwise with it; undefined: not said. */
export function ticketConfig(idp: Idp, jira: object = {}): Config {
  const system = (id: keyof typeof KEYS) => ({
    keys: [{ hash: hashCredential(KEYS[id]), expires: '2099-01-01' }],
    may: ['comment', 'deny', 'relay'],
    sees: 'all',
    oidc: { provider: 'corp', client_id: id },
    origins: [`https://${id}.example.com`],
  });
  const { ticketing } = configSchema.parse({
    ticketing: { jira: given({ ...system('jira'), ...jira }), snow: system('snow') },
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
}

function providerOf(idp: Idp, now: () => number) {
  const { sign_in } = configSchema.parse({
    sign_in: {
      oidc: { corp: { name: 'Corp', issuer: idp.issuer, client_id: 'countersign', client_secret: 'env:S' } },
    },
  });
  const { corp: config } = sign_in.oidc;
  assert.ok(config);
  const { client_secret } = idp;
  return createProvider({
    id: 'corp',
    config,
    client_secret,
    public_url: 'http://localhost:7070',
    fetch,
    now,
  });
}

export const why = (outcome: TicketOutcome<unknown>): string =>
  outcome.kind === 'done' ? 'done' : outcome.why;

export type Asking = Omit<RelayAsk, 'proof'>;
export type Over = Partial<Asking>;
export type Relays = Awaited<ReturnType<typeof openRelays>>;

/** For the tests of a file: one provider for all of them, everything else anew for each. */
export function forEachTest(opened: (relays: Relays) => void): void {
  let idp: Idp;
  let relays: Relays;
  before(async () => {
    idp = await startTicketIdp();
  });
  after(() => idp.close());
  beforeEach(async () => {
    idp.instead.clear();
    relays = await openRelays(idp);
    opened(relays);
  });
  afterEach(() => relays.rig.close());
}

async function openRelays(idp: Idp) {
  const { rig, statements } = await createSignedRig(policyOf(RULES, '2b'.repeat(32)));
  // A real provider keeps real time.
  rig.time.now = Date.now();
  const limits: { answers_up_to: 'none' | 'high' } = { answers_up_to: 'high' };
  const providers = new Map([['corp', providerOf(idp, rig.deps.now)]]);
  const answersUpTo = () => limits.answers_up_to;
  /** What happens between the moment a proof is believed and the moment it is counted. */
  const between = { beforeCounting: async (): Promise<unknown> => undefined };
  const requests: typeof rig.requests = {
    ...rig.requests,
    async review(answer) {
      await between.beforeCounting();
      return rig.requests.review(answer);
    },
  };
  const tickets = createTickets({ ...rig.deps, requests, providers, answersUpTo });
  await rig.change({ config: ticketConfig(idp) });

  const system = (id: keyof typeof KEYS = 'jira'): TicketSystem => {
    const found = tickets.admit(KEYS[id]);
    assert.ok('system' in found);
    return found.system;
  };
  return {
    idp,
    rig,
    limits,
    between,
    statements,
    tickets,
    system,
    passkeys: openKeyHouse(rig),
    open: async (tool = 'write', args: object = {}): Promise<string> =>
      held(await rig.call(tool, { ...args })).id,
    async shownTo(id: string, by = system()): Promise<Asking> {
      const shown = await tickets.rendering(by, id);
      assert.ok(shown.kind === 'done', JSON.stringify(shown));
      const { action_digest, rendered_digest } = shown.result;
      return { request_id: id, person: 'bob', decision: 'approved', action_digest, rendered_digest };
    },
    async askOidc(asking: Asking): Promise<Extract<RelayAsked, { readonly proof: 'oidc' }>> {
      const asked = await tickets.ask(system(), { ...asking, proof: 'oidc' });
      assert.ok(asked.kind === 'done' && asked.result.proof === 'oidc', JSON.stringify(asked));
      return asked.result;
    },
    /** Bob signs in at the provider for exactly this. */
    async proven(asking: Asking): Promise<RelayAnswer> {
      const { nonce } = await this.askOidc(asking);
      return { ...asking, proof: { id_token: await idTokenOf(idp, { sub: 'bob', nonce, max_age: 0 }) } };
    },
    handOver: (answer: RelayAnswer, by = system()) => tickets.answer(by, answer),
    changesOf: async (id: string) =>
      (await statements()).flatMap(({ predicate }) =>
        predicate.task_id === id && typeof predicate['change'] === 'string' ? [predicate['change']] : [],
      ),
    async untouched(id: string): Promise<void> {
      const shown = await rig.requests.show(id, 'carol');
      assert.deepEqual([shown?.status, shown?.reviews], ['pending', []]);
    },
  };
}
