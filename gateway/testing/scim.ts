/** The SCIM server for tests: the real one on a real store and authority; only time and the provider are the test's. */

import { createScim, type Scim } from '../src/api/scim/scim.ts';
import { createChanges } from '../src/authority/changes.ts';
import { configSchema } from '../src/config/config.ts';
import { hashCredential, makeCredential } from '../src/identity/credential.ts';
import { EMPTY_ROSTER } from '../src/identity/roster/roster.ts';
import { createProvisioning } from '../src/identity/scim/provisioning.ts';
import { createSessions } from '../src/identity/sessions.ts';
import { createRig, policyOf, type Rule, SEAT, SESSION_LIMITS } from './rig.ts';

export const ISSUER = 'https://idp.example.com';
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export type Body = { readonly [name: string]: unknown };
export type Told = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Answered;
};

/** What a server answered, where tests look into it. What is not there fails what they say of it. */
export type Answered = { readonly [name: string]: unknown } & {
  readonly id: string;
  readonly schemas: readonly string[];
  readonly detail: string;
  readonly totalResults: number;
  readonly Resources: readonly Answered[];
  readonly attributes: readonly { readonly name: string }[];
  readonly name: Body;
  readonly emails: readonly Body[];
  /** Of the server itself: what it can do. */
  readonly patch: Body;
  readonly bulk: Body;
  readonly filter: Body;
  readonly etag: Body;
  readonly meta: { readonly version: string };
};
export type ScimRig = Awaited<ReturnType<typeof createScimRig>>;

const BY_DBA: Rule = {
  then: 'require',
  requirement: { ...SEAT, seats: [{ by: 'group:dba', count: 1, proof: 'session' }] },
};
const BY_TWO: Rule = {
  then: 'require',
  requirement: { ...SEAT, seats: [{ by: 'anyone', count: 2, proof: 'session' }] },
};

/** `paced`: as the gateway is, with rests; without, a test waits for nothing. */
type Over = { readonly corp?: Body; readonly config?: Body; readonly paced?: true };

export async function createScimRig(over: Over = {}) {
  const tokens = { corp: makeCredential('scim'), other: makeCredential('scim'), old: makeCredential('scim') };
  const config = configOf(tokens, over);
  const rig = await createRig(policyOf({ drop: BY_DBA, both: BY_TWO }), { config });
  const { deps, authority } = rig;
  const changes = createChanges({
    ...deps,
    authority: () => authority,
    world: { config, pins: new Map(), roster: EMPTY_ROSTER },
  });
  const directory = () => authority.current().directory;
  const sessions = createSessions({ ...deps, limits: SESSION_LIMITS, directory });
  const broken: unknown[] = [];
  const provisioning = createProvisioning({
    changes,
    directory,
    world: changes.world,
    now: deps.now,
    ended: sessions.lookAgain,
    people_max: config.limits.people_max,
    ...(over.paced ? {} : { pace: { now: () => 0, wait: () => Promise.resolve() } }),
  });
  const scim = createScim(provisioning, {
    public_url: 'https://gate.example.com',
    now: deps.now,
    onError: (error) => broken.push(error),
  });
  /** The person a user is, as things stand. */
  const personOf = (id: string) => {
    const person = changes.world().roster.provisioned.users.get(id)?.person;
    return person === undefined ? undefined : directory().person(person);
  };
  const sender = (with_: Sending) => senderOf(scim, { token: tokens.corp, ...with_ });
  return {
    ...rig,
    ...asProvider(sender({})),
    ...{ changes, sessions, directory, tokens, broken, personOf, sender },
  };
}

function configOf({ corp, other, old }: { readonly [name: string]: string }, over: Over) {
  const listed = (token = '', expires = '2099-01-01') => ({ hash: hashCredential(token), expires });
  return configSchema.parse({
    people: {
      alice: { name: 'Alice', roles: ['operator'], accounts: [`oidc:${ISSUER}#00u-alice`] },
      bob: { name: 'Bob', roles: ['reviewer'], accounts: ['bob@example.com'] },
    },
    groups: { dba: [] },
    agents: { coder: { owner: 'alice', keys: [`sha256:${'a'.repeat(64)}`] } },
    sign_in: {
      oidc: { okta: { name: 'Okta', issuer: ISSUER, client_id: 'c', client_secret: 'env:S' } },
    },
    scim: {
      corp: {
        tokens: [listed(corp), listed(old, '2020-01-01')],
        link: { oidc: 'okta' },
        groups: { 'Database Admins': 'dba' },
        roles: { reviewer: ['Database Admins'], operator: ['Operators'] },
        ...over.corp,
      },
      other: { tokens: [listed(other)], roles: { reviewer: ['*'] } },
    },
    ...over.config,
  });
}

type Sending = { readonly headers?: { readonly [name: string]: string }; readonly token?: string };
export type Send = (method: string, path: string, body?: unknown) => Promise<Told>;

const senderOf =
  (scim: Scim, { token = '', headers }: Sending): Send =>
  async (method, path, body) => {
    const response = await scim.answer(
      new Request(`https://gate.example.com/scim/v2${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/scim+json',
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };

function asProvider(send: Send) {
  const create = async (path: string, body: Body): Promise<string> => {
    const told = await send('POST', path, body);
    if (told.status !== 201) throw new Error(JSON.stringify(told.body));
    return told.body.id;
  };
  return {
    send,
    user: (name: string, more: Body = {}) =>
      create('/Users', {
        schemas: [USER],
        userName: `${name}@example.com`,
        externalId: `00u-${name}`,
        active: true,
        ...more,
      }),
    group: (displayName: string, members: readonly string[] = []) =>
      create('/Groups', { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) }),
    patch: (path: string, ...Operations: readonly Body[]) =>
      send('PATCH', path, { schemas: [PATCH], Operations }),
  };
}
