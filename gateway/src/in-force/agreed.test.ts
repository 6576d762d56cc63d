/** What a start takes from the store where two operators are needed, and that it starts with nothing else (I13, A24). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG, createRig, policyOf, type Rig } from '../../testing/rig.ts';
import { keepOperatorsRule, type OperatorsRule } from '../authority/operators.ts';
import { configSchema } from '../config/config.ts';
import { policyDigest } from '../policy/source/files.ts';
import type { Step } from '../store/store.ts';
import { openAgreed } from './agreed.ts';
import { type Governed, governed } from './config-change.ts';
import { keepConfig, keepPolicy } from './kept.ts';

const FILES = [{ path: 'policy.yaml', text: 'version: 1\nrules: []\n' }];
const REF = { id: 'policy', version: '1', digest: policyDigest(FILES) };
const KEPT = [...keepPolicy(REF, FILES, 1), keepConfig(CONFIG)];
const ruled = (kind: OperatorsRule['kind']): Step => keepOperatorsRule({ kind, since: 1 });
const altered = (sql: string): Step => ({ name: 'alter', sql, params: [], rows: 1 });

describe('what a gateway starts with', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await createRig(policyOf({}));
  });
  afterEach(() => rig.close());
  const write = (steps: readonly Step[]) => rig.store.commit({ name: 'test', steps, entries: [] });

  it('is the files, while one operator is enough', async () => {
    assert.deepEqual(await openAgreed(rig.store), { rule: undefined });
    await write([...KEPT, ruled('ended')]);
    assert.equal((await openAgreed(rig.store)).agreed, undefined);
  });

  it('is what two agreed to last, and only that', async () => {
    await write([...KEPT, ruled('two')]);
    const later = [{ path: 'policy.yaml', text: 'version: 1\nrules: []\n# later\n' }];
    await write(keepPolicy({ ...REF, digest: policyDigest(later) }, later, 2));
    const { agreed } = await openAgreed(rig.store);
    assert.deepEqual(agreed?.files, later);
    assert.deepEqual(agreed?.config, JSON.parse(JSON.stringify(governed(CONFIG))));
    assert.equal((await rig.store.read({ sql: 'SELECT 1 FROM policies', params: [] })).length, 1);
  });

  it('has nothing an older build did not keep, whatever the file says by now', async () => {
    const { channels: _, outgoing: __, ...older } = governed(CONFIG);
    await write([...KEPT, keepConfig(older as Governed), ruled('two')]);
    const { agreed } = await openAgreed(rig.store);
    assert.deepEqual(agreed?.config.channels, configSchema.parse({}).channels);
    assert.deepEqual(agreed?.config.outgoing, {});
  });

  const broken: readonly (readonly [string, readonly Step[], RegExp])[] = [
    ['no policy', [keepConfig(CONFIG)], /the policy they agreed to/],
    ['no configuration', keepPolicy(REF, FILES, 1), /the configuration they agreed to/],
    [
      'an altered policy',
      [...KEPT, altered("UPDATE policies SET body = REPLACE(body, 'rules', 'Rules')")],
      /the policy they agreed to/,
    ],
    [
      'an altered configuration',
      [
        ...KEPT,
        altered("UPDATE meta SET value = REPLACE(value, 'Bob', 'Rob') WHERE name = 'config_in_force'"),
      ],
      /the configuration they agreed to/,
    ],
  ];
  for (const [what, steps, why] of broken) {
    it(`is nothing, with ${what}: it does not start`, async () => {
      await write([...steps, ruled('two')]);
      await assert.rejects(openAgreed(rig.store), why);
    });
  }
});
