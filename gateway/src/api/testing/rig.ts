/**
 * The API over a real store and real sessions, with scripted requests behind the ports: what tests of the API drive.
 * The fakes check what the real ones check. Never part of the product.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Directory, Person } from '@countersign/core';
import { type Client, createClient } from '@countersign/sdk';
import { SESSION_LIMITS } from '../../../testing/rig.ts';
import { createTestSealer } from '../../../testing/sealer.ts';
import { createTokens } from '../../credentials/tokens.ts';
import { createEvents } from '../../events.ts';
import { createSessions, type SessionKind, type Sessions } from '../../identity/sessions.ts';
import { createMetrics } from '../../metrics/metrics.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite.ts';
import { type Api, createApi } from '../api.ts';
import type { EventLimits } from '../people/events.ts';
import type { ApiPorts } from '../ports.ts';
import { type FakeAccess, fakeAdmit } from './access.ts';
import { type FakeBreakGlass, fakeBreakGlass } from './break-glass.ts';
import { fakeLooking } from './history.ts';
import {
  fakeCatalog,
  fakeChannels,
  fakeDelegations,
  fakeDesk,
  fakeGrants,
  fakeIdempotency,
  fakeLinks,
  fakeOperators,
  fakePasskeys,
  fakePauses,
  fakePublicLog,
  fakeSignIn,
  fakeStanding,
  fakeTold,
  fakeTools,
} from './parts.ts';
import { type FakeRequests, fakeRequests } from './requests.ts';

export const PUBLIC_URL = 'http://localhost:7070';

export const PEOPLE: readonly Person[] = [
  person('mara', 'Mara Okafor', ['reviewer', 'operator']),
  person('jon', 'Jon Bell', ['reviewer']),
  person('ines', 'Inès Roy', ['auditor']),
];
function person(id: string, name: string, roles: Person['roles']): Person {
  return { id, name, active: true, roles, groups: ['ops'], accounts: [] };
}

export type Rig = {
  readonly api: Api;
  readonly ports: ApiPorts;
  readonly requests: FakeRequests;
  readonly breakGlass: FakeBreakGlass;
  readonly access: FakeAccess;
  readonly sessions: Sessions;
  readonly errors: unknown[];
  readonly clock: { now: number };
  readonly people: Map<string, Person>;
  /** A raw exchange; headers as given. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  token(person: string, kind?: SessionKind): Promise<string>;
  client(person: string): Promise<Client>;
  agent(): Client;
  close(): Promise<void>;
};

export type RigOptions = { readonly public_url?: string; readonly events?: EventLimits };

export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const dir = mkdtempSync(path.join(tmpdir(), 'countersign-api-'));
  const store = await openSqliteStore({ path: path.join(dir, 'store.db') });
  const clock = { now: 1_795_000_000_000 };
  const now = (): number => clock.now;
  const people = new Map(PEOPLE.map((each) => [each.id, each]));
  const directory = directoryOf(people);
  const events = createEvents({
    sealer: createTestSealer(),
    meter: { count: () => undefined, observe: () => undefined },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const sessions = createSessions({ store, events, directory: () => directory, now, limits: SESSION_LIMITS });
  const requests = fakeRequests(directory, now);
  const [breakGlass, access] = [fakeBreakGlass(), fakeAdmit(now)];
  const public_url = options.public_url ?? PUBLIC_URL;
  const ports: ApiPorts = {
    requests,
    ...fakeLooking(),
    sessions,
    signIn: fakeSignIn,
    ...fakeStanding,
    directory: () => directory,
    passkeys: fakePasskeys,
    delegations: fakeDelegations,
    pauses: fakePauses,
    channels: fakeChannels,
    ...fakeTold,
    grants: fakeGrants,
    breakGlass,
    catalog: fakeCatalog(directory),
    tools: fakeTools(),
    operators: fakeOperators,
    desk: fakeDesk,
    links: fakeLinks(directory, now),
    idempotency: fakeIdempotency(),
    admit: access.admit,
    tokens: testTokens(public_url, now),
    metrics: createMetrics(),
    ready: async () => ({ ready: true }),
    publicLog: fakePublicLog,
    now,
  };
  const errors: unknown[] = [];
  const api = createApi(ports, {
    public_url,
    onError: (error) => errors.push(error),
    ...(options.events === undefined ? {} : { events: options.events }),
  });
  const ask = (at: string, init?: RequestInit): Promise<Response> =>
    api.fetch(new Request(new URL(at, public_url), init));
  const token = async (id: string, kind: SessionKind = 'cli'): Promise<string> => {
    const signedIn = await sessions.signIn(await sessions.issueCode(id), kind);
    if (signedIn === undefined) throw new Error(`${id} cannot sign in`);
    return signedIn.token;
  };
  const send: typeof fetch = (input, init) => api.fetch(new Request(input, init));
  return {
    api,
    ports,
    requests,
    breakGlass,
    access,
    sessions,
    errors,
    clock,
    people,
    ask,
    token,
    client: async (id) => createClient({ url: public_url, token: await token(id), fetch: send }),
    agent: () => createClient({ url: public_url, token: access.key, fetch: send }),
    async close() {
      api.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function directoryOf(people: ReadonlyMap<string, Person>): Directory {
  return {
    person: (id) => people.get(id),
    personOfAccount: (account) => people.get(account),
    ownerOf: () => 'jon',
    people: () => people.values(),
  };
}

function testTokens(issuer: string, now: () => number) {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const current = { kid: 'test', private_key: pair.privateKey, public_key: pair.publicKey };
  let last = 0;
  const id = (): string => {
    last += 1;
    return `token-${last}`;
  };
  return createTokens({ keys: { current, previous: [] }, issuer, now, id });
}
