/** How long sessions last, and that what is over ends on the record and is deleted. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG, createRig, policyOf, type Rig } from '../../testing/rig.ts';
import type { SessionLimits, SessionsDeps } from './session.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { endInactive, sweepSessions } from './sweep.ts';

const LIMITS: SessionLimits = {
  browser: { idle_ms: 600_000, absolute_ms: 3_600_000 },
  cli: { idle_ms: 7_200_000, absolute_ms: 86_400_000 },
};
let rig: Rig;
let deps: SessionsDeps;
let sessions: Sessions;
beforeEach(async () => {
  rig = await createRig(policyOf({}));
  deps = { ...rig.deps, limits: LIMITS, directory: () => rig.authority.current().directory };
  sessions = createSessions(deps);
});
afterEach(() => rig.close());

const signIn = async (kind: 'browser' | 'cli' = 'browser'): Promise<string> => {
  const signedIn = await sessions.signIn(await sessions.issueCode('bob'), kind);
  assert.ok(signedIn);
  return signedIn.token;
};
const rows = async (table: string): Promise<number> => {
  const [row] = await rig.store.read({ sql: `SELECT COUNT(*) AS n FROM ${table}`, params: [] });
  return Number(row?.['n']);
};
const changes = async (): Promise<readonly unknown[]> =>
  (await rig.entries()).map((entry) => (entry['predicate'] as { readonly change?: string }).change);

describe('a session', () => {
  it('lasts while it is used, up to its limit', async () => {
    const token = await signIn();
    for (let used = 0; used < 6; used += 1) {
      rig.time.now += LIMITS.browser.idle_ms - 1;
      assert.ok(await sessions.authenticate(token), `use ${used}`);
    }
    rig.time.now += 10;
    assert.equal(await sessions.authenticate(token), undefined, 'an hour is over');
  });

  it('ends unused', async () => {
    const token = await signIn();
    rig.time.now += LIMITS.browser.idle_ms;
    assert.equal(await sessions.authenticate(token), undefined);
    assert.deepEqual(await sessions.list('bob'), []);
  });

  it('ends by each kind’s own limits', async () => {
    const token = await signIn('cli');
    rig.time.now += LIMITS.browser.absolute_ms + 1;
    assert.ok(await sessions.authenticate(token));
  });

  it('that is over ends once, on the record, and is deleted a day later', async () => {
    await signIn();
    rig.time.now += LIMITS.browser.idle_ms;
    assert.equal(await sweepSessions(deps), 1);
    assert.equal(await sweepSessions(deps), 0);
    assert.deepEqual(await changes(), ['signed in', 'session expired']);
    assert.equal(await rows('sessions'), 1);
    rig.time.now += 86_400_000;
    await sweepSessions(deps);
    assert.equal(await rows('sessions'), 0);
  });

  it('that is live is left alone, and codes only when they are over', async () => {
    const token = await signIn();
    await sessions.issueCode('bob');
    await sweepSessions(deps);
    assert.equal(await rows('sign_in_codes'), 2, 'the used one is kept while it could be tried again');
    rig.time.now += 599_999;
    assert.equal(await sweepSessions(deps), 0);
    assert.ok(await sessions.authenticate(token));
    rig.time.now += 1;
    await sweepSessions(deps);
    assert.equal(await rows('sign_in_codes'), 0);
  });

  it('of somebody who was made inactive while no gateway ran does not come back with them', async () => {
    const token = await signIn();
    const { people } = CONFIG;
    const bob = people['bob'];
    assert.ok(bob);
    await rig.change({ config: { ...CONFIG, people: { ...people, bob: { ...bob, active: false } } } });
    assert.equal(await endInactive(deps), 1);
    assert.equal(await endInactive(deps), 0);
    await rig.change({ config: CONFIG });
    assert.equal(await sessions.authenticate(token), undefined);
    assert.ok(await sessions.authenticate(await signIn()));
    assert.equal(await endInactive(deps), 0, 'and the active are left alone');
  });

  it('is ended by its person, or by another: the record says which', async () => {
    const [mine, theirs] = [await signIn(), await signIn()];
    const told: string[] = [];
    const stop = sessions.onEnded(() => told.push('ended'));
    const idOf = async (token: string) => (await sessions.authenticate(token))?.id ?? '';
    assert.equal(await sessions.revoke(await idOf(mine), 'bob'), true);
    assert.equal(await sessions.revoke(await idOf(theirs), 'bob', { by: 'dan' }), true);
    assert.equal(await sessions.revoke(await idOf(theirs), 'bob'), false);
    assert.deepEqual((await changes()).slice(-2), ['signed out', 'session ended']);
    assert.equal(told.length, 2);
    stop();
  });
});
