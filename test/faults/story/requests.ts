/** Chapters about calls that wait for people: opened, reviewed, redeemed, ended in every way there is. */
import { createGrants } from '../../../gateway/src/grants/grants.ts';
import type { Verdict } from '../../../gateway/src/protocols/protocol.ts';
import { sweep } from '../../../gateway/src/requests/ending/expire.ts';
import { evaluationOf } from '../../../gateway/testing/rig.ts';
import { insist, type World } from '../world.ts';
import { PIN } from './authority.ts';
import type { Chapter } from './chapter.ts';

const requestOf = (verdict: Verdict): string | undefined =>
  verdict.kind === 'held' ? verdict.held.request.id : undefined;

/** Calls until it is held, and lets one person approve. */
async function approved(world: World, path: string): Promise<string | undefined> {
  const id = requestOf(await world.act('write_file', { path }));
  if (id !== undefined) await world.review(id, 'bob');
  return id;
}

const runs: Chapter = async (world) => {
  await world.act('read_file', { path: '/a' });
  await world.act('shell', { command: 'rm -rf /' });
  const id = requestOf(await world.act('drop_table', { table: 'orders' }));
  if (id === undefined) return;
  await world.review(id, 'alice'); // owns the agent: refused, and recorded
  await insist(() => world.rig.requests.reveal(id, 'bob', 'to see what it drops'));
  await world.review(id, 'bob', { reason: 'agreed' });
  await world.review(id, 'carol');
  await world.act('drop_table', { table: 'orders' });
  await world.act('drop_table', { table: 'orders' });
};

const twoUses: Chapter = async (world) => {
  const id = requestOf(await world.act('twice', { n: 1 }));
  if (id === undefined) return;
  await world.review(id, 'dan');
  for (let time = 0; time < 3; time += 1) await world.act('twice', { n: 1 });
};

const denied: Chapter = async (world) => {
  const id = requestOf(await world.act('write_file', { path: '/denied' }));
  if (id === undefined) return;
  // Not by Dan: he has accepted this very tool.
  await world.review(id, 'carol', { decision: 'denied', reason: 'no' });
  await world.review(id, 'bob');
  await world.act('write_file', { path: '/denied' });
};

const withdrawn: Chapter = async (world) => {
  const id = requestOf(await world.act('write_file', { path: '/withdrawn' }));
  if (id === undefined) return;
  const outcome = await insist(() => world.rig.requests.cancel(id, 'alice'));
  if (outcome.kind === 'done') world.outside.tell({ said: 'request', request_id: id, status: 'cancelled' });
};

const revoked: Chapter = async (world) => {
  const id = await approved(world, '/revoked');
  const detail = id === undefined ? undefined : await world.rig.requests.show(id, 'bob');
  const approval_id = detail?.approval?.id;
  if (approval_id === undefined) return;
  const outcome = await insist(() => world.rig.requests.revoke(approval_id, 'bob', 'changed my mind'));
  if (outcome.kind === 'done') world.outside.tell({ said: 'revoked', approval_id });
  await world.act('write_file', { path: '/revoked' });
};

const erased: Chapter = async (world) => {
  const id = await approved(world, '/erased');
  await world.act('write_file', { path: '/erased' });
  if (id === undefined) return;
  const outcome = await insist(() => world.rig.requests.erase(id, 'dan', 'asked to'));
  if (outcome.kind === 'erased') world.outside.tell({ said: 'erased', request_id: id });
};

const expired: Chapter = async (world) => {
  await world.act('write_file', { path: '/expires' });
  await approved(world, '/approval-expires');
  world.rig.time.now += 700_000;
  await insist(() => sweep(world.rig.deps));
  await world.act('write_file', { path: '/approval-expires' });
};

/** The agents' HTTP side: the caller enforces, so what it does with the answer is unknown to us. */
const askedOverHttp: Chapter = async ({ agent, ...world }) => {
  if (!agent.admitted) throw new TypeError('the story’s agent is not known');
  const { session } = agent;
  const evaluation = evaluationOf(session.principal, 'write_file', { path: '/over-http' });
  await session.ask(evaluation);
  const opening = await session.open(evaluation);
  if (!('request' in opening)) return;
  const { id } = opening.request;
  world.outside.tell({ said: 'request', request_id: id, status: opening.request.status });
  await world.review(id, 'bob');
  const given = await session.approvalOf(id);
  const answer = await session.ask(evaluation, given?.approval_id);
  if (answer.kind === 'permitted') await session.ask(evaluation, given?.approval_id);
};

/** One of a class is approved with a grant for the rest of it; another is run by that; then somebody takes it back. */
const granted: Chapter = async (world) => {
  const { rig, outside } = world;
  const ask = async (path: string): Promise<Verdict> => {
    const plain = evaluationOf(rig.principal, 'write_file', { path });
    const context = { upstream: 'files', tool_pin: PIN, arguments: { path } };
    const enforce = () => rig.enforce(rig.principal, { ...plain, context });
    const first = await enforce();
    const unavailable = first.kind === 'refused' && first.refusal.reason === 'unavailable';
    const verdict = unavailable ? await enforce() : first;
    if (verdict.kind !== 'permitted') return verdict;
    outside.tell({ said: 'permitted', execution_id: verdict.permit.execution_id });
    await world.run(verdict.permit, 'write_file');
    return verdict;
  };
  const grants = createGrants(rig.deps);
  for (const end of ['revoked', 'expired'] as const) {
    const id = requestOf(await ask(`/granted-${end}`));
    if (id === undefined) return;
    await world.review(id, 'bob', { grant: { lasts_ms: 600_000, uses: 2 } });
    const grant = (await rig.requests.show(id, 'bob'))?.grant;
    await ask(`/by-grant-${end}`);
    if (grant === undefined) return;
    if (end === 'revoked') await insist(() => grants.revoke(grant.id, 'bob', 'enough'));
    rig.time.now += 700_000;
    await insist(() => sweep(rig.deps));
  }
};

export const requestChapters: readonly Chapter[] = [
  runs,
  twoUses,
  denied,
  withdrawn,
  revoked,
  granted,
  erased,
  askedOverHttp,
  expired,
];
