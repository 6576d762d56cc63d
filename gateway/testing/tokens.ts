/** What verifies tokens, on two issuers in process and a clock of its own: for tests of who is taken for whom. */
import assert from 'node:assert/strict';
import type { JsonObject } from '@countersign/core';
import { configSchema } from '../src/config/config.ts';
import { createAgents, createDirectory } from '../src/identity/directory.ts';
import { EMPTY_ROSTER } from '../src/identity/roster/roster.ts';
import type { Moment } from '../src/identity/standing.ts';
import { type RefusalCode, WorkloadRefusal } from '../src/identity/workload/refusal.ts';
import { keySource } from '../src/identity/workload/source.ts';
import { createTokens } from '../src/identity/workload/tokens.ts';
import { githubClaims, startIssuer } from './issuer.ts';

export const NOW = 1_800_000_000_000;
export const SECONDS = NOW / 1000;
export const AUDIENCE = 'https://gate.example.com';

type Rules = readonly { readonly [key: string]: unknown }[];

export const PEOPLE = {
  alice: {
    name: 'Alice',
    roles: ['reviewer'],
    accounts: ['github:octo-alice', 'oidc:https://idp.example.com#al'],
  },
  bob: { name: 'Bob', roles: ['reviewer'] },
  mallory: { name: 'Mallory', roles: ['reviewer'], active: false },
};

export const GITHUB = {
  match: { repository: 'acme/*', ref: ['refs/heads/main', 'refs/tags/*'] },
  agent: 'github:{repository}',
  owner: 'github:{actor}',
  team: '{repository_owner}',
};
export const KUBERNETES = {
  match: { '/kubernetes.io/namespace': 'batch', sub: 'system:serviceaccount:batch:*' },
  agent: 'k8s:{/kubernetes.io/namespace}:{/kubernetes.io/serviceaccount/name}',
  owner: 'bob',
};

export const without = (claims: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

export async function openTokenWorld() {
  const [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
  const worldOf = (rules: Rules, more: { readonly [key: string]: unknown } = {}): Moment => {
    const config = configSchema.parse({
      public_url: AUDIENCE,
      people: PEOPLE,
      agents: { fixed: { owner: 'bob', team: 'core', keys: [`sha256:${'a'.repeat(64)}`], pending_max: 7 } },
      workload_identity: [
        { issuer: issuer.url, agents: rules, ...more },
        {
          issuer: 'spiffe://example.org',
          jwks: issuer.jwks(),
          agents: [{ match: { sub: 'spiffe://example.org/**' }, agent: 'spiffe:{sub}' }],
        },
      ],
    });
    return { agents: createAgents(config), directory: createDirectory(config, EMPTY_ROSTER) };
  };
  const time = { now: NOW };
  /** What the authority says now: a test replaces it as a change would. */
  const authority = { moment: worldOf([GITHUB, KUBERNETES], { lifetime_max: '2h' }) };
  const tokens = createTokens({
    tenant: 'default',
    public_url: AUDIENCE,
    moment: () => authority.moment,
    now: () => time.now,
    log: { info: () => undefined, warn: () => undefined },
    source: ({ config }) => keySource(config, '/'),
  });
  return {
    issuer,
    other,
    time,
    authority,
    tokens,
    worldOf,
    github: (more: JsonObject = {}): JsonObject => ({ ...githubClaims(issuer.url, NOW), ...more }),
    /** Why it is refused. @throws AssertionError when it is taken */
    async codeOf(token: string): Promise<RefusalCode> {
      const error: unknown = await tokens.admit(token).then(
        () => assert.fail('it was taken'),
        (thrown: unknown) => thrown,
      );
      if (error instanceof WorkloadRefusal) return error.code;
      throw error;
    },
    async close() {
      tokens.close();
      await Promise.all([issuer.close(), other.close()]);
    },
  };
}
