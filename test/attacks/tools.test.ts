/** Attacks through what upstreams say of their tools, over the real store. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pinKey } from '../../gateway/src/authority/authority.ts';
import { createChanges, type Draft } from '../../gateway/src/authority/changes.ts';
import { EMPTY_ROSTER } from '../../gateway/src/identity/roster/roster.ts';
import { createAgree } from '../../gateway/src/operations/agree.ts';
import { createSeen, loadAcceptedPins } from '../../gateway/src/tools/pins.ts';
import { createTools } from '../../gateway/src/tools/tools.ts';
import { CONFIG, createRig, policyOf, type Rig } from '../../gateway/testing/rig.ts';

const pin = (digit: string) => `sha256:${digit.repeat(64)}`;
const seenTool = (tool: string, digit: string) => ({
  tool,
  pin: pin(digit),
  definition: { name: tool, description: digit },
});

describe('A9: tools that change', () => {
  let rig: Rig;
  let tools: ReturnType<typeof createTools>;
  let see: ReturnType<typeof createSeen>;
  beforeEach(async () => {
    rig = await createRig(policyOf({}));
    const { deps, authority } = rig;
    const changes = createChanges({
      ...deps,
      authority: () => authority,
      world: { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER },
    });
    const rebuild = async (draft: Draft) => {
      await new Promise((resolve) => setImmediate(resolve)); // as reading policy files takes a while
      await draft.commit(authority.current().policy, undefined);
      return { ok: true } as const;
    };
    tools = createTools({ ...deps, changes, rebuild, agree: createAgree({ deps, tenant: 'default' }) });
    see = createSeen(deps);
  });
  afterEach(() => rig.close());

  const accept = (tool: string, digit: string, upstream = 'files') =>
    tools.accept({ upstream, tool, pin: pin(digit), class: 'read', by: 'dan' });
  const inForce = (tool: string, upstream = 'files') =>
    rig.authority.current().pins.get(pinKey(upstream, tool))?.pin;

  it('A9: a changed definition is not what was accepted, and only the newest can be', async () => {
    await see('files', [seenTool('read', '1')]);
    assert.equal(inForce('read'), undefined);
    assert.equal((await accept('read', '1')).kind, 'done');
    rig.time.now += 1;
    await see('files', [seenTool('read', '2')]);
    assert.equal(inForce('read'), pin('1'));
    assert.equal((await tools.list())[0]?.status, 'drifted');
    assert.equal((await accept('read', '1')).kind, 'refused', 'what was shown before is not what is there');
    assert.equal((await accept('read', '2')).kind, 'done');
    assert.equal(inForce('read'), pin('2'));
  });

  it('A9: the same name on another server is another tool', async () => {
    await see('files', [seenTool('read', '1')]);
    await see('evil', [seenTool('read', '1')]);
    await accept('read', '1');
    assert.equal(inForce('read', 'evil'), undefined);
  });

  it('A9: two tools accepted at once are both accepted, in memory as in the store', async () => {
    await see('files', [seenTool('one', '1'), seenTool('two', '2'), seenTool('three', '3')]);
    const outcomes = await Promise.all([accept('one', '1'), accept('two', '2'), accept('three', '3')]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['done', 'done', 'done'],
    );
    assert.deepEqual([inForce('one'), inForce('two'), inForce('three')], [pin('1'), pin('2'), pin('3')]);
    assert.deepEqual([...(await loadAcceptedPins(rig.store)).keys()].sort(), [
      ...[...rig.authority.current().pins.keys()].sort(),
    ]);
  });

  it('A9, I8: what was decided before a tool was accepted does not commit after it', async () => {
    const { epoch } = rig.authority.current();
    await see('files', [seenTool('read', '1')]);
    await accept('read', '1');
    assert.equal(rig.authority.current().epoch, epoch + 1);
  });
});
