/** Changes that meet: files reloaded while a tool is accepted or people change. What is answered is what is stored and served. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { NO_DUTIES } from '@countersign/core';
import { CONFIG, createRig, type Rig } from '../../testing/rig.ts';
import { type Authority, createAuthority, pinKey } from '../authority/authority.ts';
import { type Changes, createChanges } from '../authority/changes.ts';
import { NOBODY_PAUSED } from '../authority/paused.ts';
import { createAgents, createDirectory } from '../identity/directory.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { createTicketSystems } from '../identity/ticketing.ts';
import { type Agree, createAgree } from '../operations/agree.ts';
import { NO_KEYS } from '../passkeys/passkeys.ts';
import { loadPolicy } from '../policy/load.ts';
import type { Command } from '../store/store.ts';
import { createSeen, loadAcceptedPins } from '../tools/pins.ts';
import { createTools } from '../tools/tools.ts';
import { type InForce, loadOptionsOf, openPolicy } from './policy.ts';

const rule = (id: string, more = 'then: deny') =>
  `version: 1\nrules:\n  - { id: ${id}, about: a rule, on: mcp, ${more} }\n`;
const NEEDS_DBA = 'then: require, approve: [{ by: "group:dba" }]';
const BAD = 'version: 1\nrules: nonsense\n';
const PIN = `sha256:${'1'.repeat(64)}`;

let rig: Rig;
let folder: string;
let authority: Authority;
let changes: Changes;
let policy: InForce;
let tools: ReturnType<typeof createTools>;
/** Called once, after the next command that is committed. */
let afterCommit: ((command: Command) => void) | undefined;

beforeEach(async () => {
  rig = await createRig(EMPTY);
  folder = path.join(rig.dir, 'policy');
  mkdirSync(folder);
  put(rule('first', NEEDS_DBA));
  const { deps } = rig;
  const { commit } = rig.store;
  deps.store.commit = async (command) => {
    const outcome = await commit(command);
    const told = afterCommit;
    afterCommit = undefined;
    told?.(command);
    return outcome;
  };
  changes = createChanges({
    ...deps,
    authority: () => authority,
    world: { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER },
  });
  const agree: Agree = (operation) =>
    createAgree({ deps: { ...deps, authority }, tenant: 'default' })(operation);
  policy = await openPolicy({ folder, changes, agree, log: deps.log, now: deps.now });
  authority = await createAuthority(rig.store, {
    policy: policy.source.current(),
    directory: createDirectory(CONFIG, EMPTY_ROSTER),
    agents: createAgents(CONFIG),
    ticketing: createTicketSystems(CONFIG),
    pins: new Map(),
    passkeys: NO_KEYS,
    duties: NO_DUTIES,
    paused: NOBODY_PAUSED,
  });
  tools = createTools({ ...deps, authority, changes, rebuild: policy.rebuild, agree });
  const definition = { name: 'read', description: 'Reads', inputSchema: {} };
  await createSeen(deps)('files', [{ tool: 'read', pin: PIN, definition }]);
});
afterEach(async () => {
  afterCommit = undefined;
  await policy.source.close();
  await rig.close();
  rmSync(rig.dir, { recursive: true, force: true });
});

const EMPTY = {
  ref: { id: 'none', version: '0', digest: 'sha256:0' },
  decide: () => assert.fail(),
  asksReason: () => false,
};
/** All that bindings say of an action; a misspelt one would never match, and a `deny` never deny. */
it('a rule names classes there are', () => {
  const { bindings, known } = loadOptionsOf({ config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER });
  const load = (text: string) => loadPolicy([{ path: 'a.yaml', text }], { bindings, known: known ?? {} });
  for (const name of ['read', 'write', 'destructive', 'unknown', 'session', 'answer', 'operation'])
    assert.ok(load(rule('r', `where: { class: ${name} }, then: deny`)).ok, name);
  const misspelt = load(rule('r', 'where: { class: raed }, then: deny'));
  assert.ok(!misspelt.ok);
  assert.match(misspelt.problems[0]?.message ?? '', /no class is called "raed"/);
});

const put = (text: string): void => writeFileSync(path.join(folder, 'policy.yaml'), text);
const rules = (): readonly string[] => policy.shown().rules.map(({ id }) => id);
const accept = () => tools.accept({ upstream: 'files', tool: 'read', pin: PIN, class: 'read', by: 'dan' });
const recorded = async (kind: string, by?: string): Promise<number> => {
  const rows = await rig.store.read({ sql: 'SELECT reviewer FROM entries WHERE kind = $1', params: [kind] });
  return rows.filter((row) => by === undefined || row['reviewer'] === by).length;
};

/** Answer, store and what is served say the same. */
async function accepted(answer: Awaited<ReturnType<typeof accept>>): Promise<boolean> {
  const said = answer.kind === 'done';
  const key = pinKey('files', 'read');
  assert.equal((await loadAcceptedPins(rig.store)).has(key), said, 'the store says otherwise');
  assert.equal(authority.current().pins.has(key), said, 'what is served is otherwise');
  assert.equal(changes.world().pins.has(key), said, 'what the next change is based on is otherwise');
  assert.equal(await recorded('tool-change', 'dan'), said ? 1 : 0, 'the log says otherwise');
  return said;
}

const withoutDba = () => {
  const { dba: _, ...groups } = CONFIG.groups;
  const config = { ...CONFIG, groups };
  return changes.apply(
    () => ({
      world: { config },
      next: { directory: createDirectory(config, EMPTY_ROSTER), agents: createAgents(config) },
      steps: [],
      record: { kind: 'config-change', task_id: 'config', predicate: { changed: ['groups.dba'] } },
    }),
    policy.rebuild,
  );
};

describe('a policy file is reloaded while a tool is accepted', () => {
  it('both happen, each on the record once', async () => {
    put(rule('second'));
    const [reloaded, answer] = await Promise.all([policy.source.reload(), accept()]);
    assert.equal(reloaded.kind, 'candidate');
    assert.ok(await accepted(answer));
    assert.deepEqual(rules(), ['second']);
    assert.equal(await recorded('policy-change'), 1);
  });

  it('the reload does not commit an acceptance that is then refused', async () => {
    put(rule('second'));
    afterCommit = () => put(BAD);
    const [reloaded, answer] = await Promise.all([policy.source.reload(), accept()]);
    assert.equal(reloaded.kind, 'candidate');
    assert.ok(!(await accepted(answer)));
    assert.deepEqual(rules(), ['second']);
    put(rule('third'));
    assert.ok(await accepted(await accept()), 'and is accepted when asked again');
  });

  it('an acceptance does not take the blame for a file that became bad after it', async () => {
    afterCommit = () => put(BAD);
    const answer = await accept();
    assert.ok(await accepted(answer));
    assert.equal((await policy.source.reload()).kind, 'bad');
    assert.deepEqual(rules(), ['first']);
  });
});

describe('a policy file is reloaded while people change', () => {
  it('the reload does not commit a change the policy it serves cannot live with', async () => {
    put(rule('second', NEEDS_DBA));
    const [reloaded, applied] = await Promise.all([policy.source.reload(), withoutDba()]);
    assert.equal(reloaded.kind, 'candidate', 'it loads against what is, not against what may never be');
    assert.equal(applied.ok, false);
    assert.match(applied.ok ? '' : applied.why, /The policy would no longer load: .*dba/);
    assert.equal(await recorded('config-change'), 0);
    assert.ok('dba' in changes.world().config.groups);
    assert.deepEqual(rules(), ['second']);
  });

  it('a file that no longer needs them is taken up first, then they go', async () => {
    put(rule('second'));
    const [reloaded, applied] = await Promise.all([policy.source.reload(), withoutDba()]);
    assert.deepEqual([reloaded.kind, applied.ok], ['candidate', true]);
    assert.equal(await recorded('config-change'), 1);
    assert.ok(!('dba' in changes.world().config.groups));
  });
});

describe('the policy as people see it', () => {
  it('says of each rule whom it asks, in every stage and alternative', async () => {
    put(
      rule(
        'staged',
        'then: require, exclude: ["group:security"], approve: [{ anyOf: [[{ by: "group:dba" }], [{ by: "person:dan" }]] }]',
      ),
    );
    await policy.source.reload();
    assert.deepEqual(
      policy.shown().rules.map(({ asks }) => asks),
      [{ by: ['group:dba', 'person:dan'], exclude: ['group:security'] }],
    );
    put(rule('plain'));
    await policy.source.reload();
    assert.deepEqual(
      policy.shown().rules.map(({ asks }) => asks),
      [undefined],
    );
  });
});
