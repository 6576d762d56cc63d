// People and upstreams as the API tells them: where somebody comes from, and how the newest exchange ended.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { UpstreamHealth } from '@countersign/sdk';
import { CONFIG, createRig, policyOf } from '../testing/rig.ts';
import { NOBODY_PAUSED } from './authority/paused.ts';
import { createCatalog } from './catalog.ts';
import { configSchema } from './config/config.ts';
import { createAgents, createDirectory } from './identity/directory.ts';
import { EMPTY_ROSTER, type Roster } from './identity/roster/roster.ts';
import type { Contact } from './protocols/contacts.ts';

const config = configSchema.parse({
  ...CONFIG,
  upstreams: {
    files: { env: 'dev', mcp: { command: ['serve-files'] } },
    github: { env: 'dev', mcp: { url: 'https://mcp.example.com/mcp' } },
  },
});
const roster: Roster = {
  ...EMPTY_ROSTER,
  people: new Map(
    (['oidc', 'scim'] as const).map((source) => [
      `per_${source}`,
      { id: `per_${source}`, name: source, email: null, active: true, roles: [], source },
    ]),
  ),
};
const rig = await createRig(policyOf({}));
after(() => rig.close());
const catalog = (contacts: { readonly [upstream: string]: Contact } = {}) =>
  createCatalog({
    store: rig.store,
    config: () => config,
    agents: () => createAgents(config),
    paused: () => NOBODY_PAUSED,
    world: () => ({ roster }),
    directory: () => createDirectory(config, roster),
    contacts: { of: (upstream) => contacts[upstream] ?? {} },
    noteUses: async () => undefined,
    now: () => 0,
  });

describe('the catalog', () => {
  it('says where everybody comes from', () => {
    const sources = new Map(
      catalog()
        .people()
        .map(({ id, source }) => [id, source]),
    );
    assert.deepEqual(
      ['alice', 'per_oidc', 'per_scim'].map((id) => sources.get(id)),
      ['configuration', 'oidc', 'scim'],
    );
  });

  it('says what starts an upstream, never its command or address (I7)', async () => {
    const items = await catalog().upstreams();
    assert.deepEqual(
      items.map(({ name, transport }) => [name, transport]),
      [
        ['files', 'process'],
        ['github', 'http'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(items), /serve-files|example\.com/);
  });

  const cases: readonly (readonly [Contact, UpstreamHealth['state']])[] = [
    [{}, 'not_asked'],
    [{ answered_at: 5 }, 'answering'],
    [{ failed_at: 5, why: 'gone' }, 'failing'],
    [{ answered_at: 6, failed_at: 5, why: 'gone' }, 'answering'],
    [{ answered_at: 5, failed_at: 6, why: 'gone' }, 'failing'],
    [{ answered_at: 5, failed_at: 5, why: 'gone' }, 'failing'],
  ];
  for (const [contact, state] of cases)
    it(`${JSON.stringify(contact)} is ${state}`, async () => {
      const [files] = await catalog({ files: contact }).upstreams();
      assert.deepEqual(files?.health, { state, ...contact });
    });
});
