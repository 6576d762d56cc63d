/** Chapters about what decisions rest on: policy, people, tools; and about people coming and going. */
import type { JsonObject } from '@countersign/core';
import { createChanges, type Draft } from '../../../gateway/src/authority/changes.ts';
import { createDelegations } from '../../../gateway/src/delegations/delegations.ts';
import { createPace } from '../../../gateway/src/enforce/pace.ts';
import { createSignInLinks } from '../../../gateway/src/identity/links.ts';
import { EMPTY_ROSTER } from '../../../gateway/src/identity/roster/roster.ts';
import { createUses } from '../../../gateway/src/identity/uses.ts';
import { createProposals } from '../../../gateway/src/in-force/proposals.ts';
import { createAgree } from '../../../gateway/src/operations/agree.ts';
import { contentDigest } from '../../../gateway/src/policy/source/files.ts';
import { createIdempotency } from '../../../gateway/src/store/idempotency.ts';
import { createSeen } from '../../../gateway/src/tools/pins.ts';
import { createTools } from '../../../gateway/src/tools/tools.ts';
import { insist, type World } from '../world.ts';
import type { Chapter } from './chapter.ts';
import { PEOPLE, TODAY, TOMORROW } from './house.ts';

const epochTold = ({ rig, outside }: World): void =>
  outside.tell({ said: 'epoch', epoch: rig.authority.current().epoch });

const changesOf = ({ rig: { deps, authority } }: World) =>
  createChanges({
    ...deps,
    authority: () => authority,
    world: { config: PEOPLE, pins: new Map(), roster: EMPTY_ROSTER },
  });

const started: Chapter = async (world) => {
  const { authority, deps } = world.rig;
  await insist(() =>
    authority.change('start', (next) => ({
      next,
      steps: [],
      entries: (epoch) => [
        deps.events.authorityChanged({
          kind: 'system',
          at: deps.now(),
          task_id: 'gateway',
          epoch,
          predicate: { change: 'gateway started' },
        }).entry,
      ],
    })),
  );
  epochTold(world);
};

const DEFINITION: JsonObject = { name: 'write_file', description: 'Writes a file', inputSchema: {} };
export const PIN = `sha256:${'5'.repeat(64)}`;

const tools: Chapter = async (world) => {
  const { deps, authority } = world.rig;
  const see = createSeen(deps);
  await insist(() => see('files', [{ tool: 'write_file', pin: PIN, definition: DEFINITION }]));
  const changes = changesOf(world);
  const rebuild = async (draft: Draft) => {
    await draft.commit(authority.current().policy, undefined);
    return { ok: true } as const;
  };
  const agree = createAgree({ deps, tenant: 'default' });
  const { accept } = createTools({ ...deps, changes, rebuild, agree });
  const acceptance = { upstream: 'files', tool: 'write_file', pin: PIN, class: 'write', by: 'dan' } as const;
  const outcome = await insist(() => accept(acceptance));
  if (outcome.kind === 'done') world.outside.tell({ said: 'accepted', tool: 'write_file', pin: PIN });
};

/** An approval given under today's policy is asked for under tomorrow's. */
const policyTightens: Chapter = async (world) => {
  const verdict = await world.act('write_file', { path: '/under-tomorrow' });
  if (verdict.kind === 'held') await world.review(verdict.held.request.id, 'bob');
  const record = (after: string) => ({
    kind: 'policy-change' as const,
    task_id: 'policy',
    predicate: { before: TODAY.ref.digest, after },
  });
  await insist(() => changesOf(world).commit(TOMORROW, record(TOMORROW.ref.digest)));
  epochTold(world);
  await world.act('write_file', { path: '/under-tomorrow' });
  await insist(() => changesOf(world).commit(TODAY, record(TODAY.ref.digest)));
  const people = {
    kind: 'config-change' as const,
    task_id: 'config',
    predicate: { changed: ['people.bob'] },
  };
  await insist(() => changesOf(world).commit(TODAY, people));
};

/** Where the store keeps the policy: what is proposed is put down before anybody is asked about it. */
const policyProposed: Chapter = async ({ rig: { deps } }) => {
  const { propose } = createProposals({
    ...deps,
    policy: { source: { files: () => [] }, propose: async () => ({ kind: 'in_force' }) },
  });
  const files = [{ path: 'policy.yaml', text: 'version: 1\nrules: []\n' }];
  await insist(() => propose({ files, base: contentDigest([]), by: 'dan' }));
};

/** Carol is away and Dan sits in for her; then she is back. */
const away: Chapter = async (world) => {
  const { deps } = world.rig;
  const delegations = createDelegations({
    ...deps,
    changes: changesOf(world),
    lasts_max_ms: () => 3_600_000,
  });
  const until = deps.now() + 3_600_000;
  const outcome = await insist(() => delegations.give('carol', { to: 'dan', until }));
  epochTold(world);
  const verdict = await world.act('drop_table', { table: 'while-away' });
  if (verdict.kind === 'held') {
    await world.review(verdict.held.request.id, 'dan');
    await world.review(verdict.held.request.id, 'bob');
  }
  if (outcome.kind === 'given') await insist(() => delegations.revoke(outcome.delegation.id, 'carol'));
  epochTold(world);
  await world.act('drop_table', { table: 'while-away' });
};

const peopleSignIn: Chapter = async (world) => {
  const { rig, sessions, outside } = world;
  const links = createSignInLinks({ ...rig.deps, sessions, dir: `${rig.dir}/sign-in` });
  await insist(() => links.write('bob', 'dan'));
  const code = await insist(() => sessions.issueCode('bob'));
  const signedIn = await insist(() => sessions.signIn(code, 'cli'));
  if (signedIn === undefined) return;
  outside.tell({ said: 'signed-in', session: signedIn.session.id });
  rig.time.now += 70_000;
  await insist(() => sessions.authenticate(signedIn.token));
  const ended = await insist(() => sessions.revoke(signedIn.session.id, 'bob'));
  if (ended) outside.tell({ said: 'signed-out', session: signedIn.session.id });
};

const agentsComeIn: Chapter = async ({ rig }) => {
  const uses = createUses(rig.store);
  uses.note(rig.principal, 'token:https://ci.example.com', rig.deps.now());
  await insist(() => uses.flush());
  const pace = createPace(rig.deps, () => 0);
  for (let calls = 0; calls < 2; calls += 1) pace(rig.principal, 1);
  // Nobody waits for that to be recorded; what is asked of the store after it is answered after it.
  await rig.store.read({ sql: 'SELECT COUNT(*) AS n FROM entries', params: [] });
};

const sameKeyTwice: Chapter = async ({ rig, outside }) => {
  const keys = createIdempotency(rig.deps);
  const use = { principal: 'bob', key: 'one', body_hash: 'h' };
  await insist(() => keys.begin(use));
  await insist(() => keys.keep(use, { status: 200, content_type: 'application/json', body: '{}' }));
  outside.tell({ said: 'kept', key: 'one' });
  const other = { ...use, key: 'two' };
  await insist(() => keys.begin(other));
  await insist(() => keys.release(other));
};

export const opening: readonly Chapter[] = [started, tools, sameKeyTwice];
export const authorityChapters: readonly Chapter[] = [
  policyTightens,
  policyProposed,
  away,
  agentsComeIn,
  peopleSignIn,
];
