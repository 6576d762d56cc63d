/** What may happen, in any order and at once. A move does what a caller or a person does and looks at nothing inside. */
import fc from 'fast-check';
import { recoverExecutions } from '../../../gateway/src/executions/recover.ts';
import type { Permit } from '../../../gateway/src/protocols/protocol.ts';
import { sweep } from '../../../gateway/src/requests/ending/expire.ts';
import type { Rig } from '../../../gateway/testing/rig.ts';
import { AGENTS, HOUSES, PEOPLE, POLICIES, TOOLS } from './rig.ts';

export type Play = {
  readonly rig: Rig;
  /** Permits not ended yet. */
  readonly permits: Permit[];
  /** Request ids, oldest first. */
  readonly requests: string[];
  /** Executions that reached the upstream. */
  readonly ran: string[];
  /** Calls made, oldest first: agents ask again. */
  readonly calls: Call[];
};

type Call = { readonly agent: string; readonly tool: string; readonly n: number };

async function make({ rig, permits, requests, ran, calls }: Play, call: Call): Promise<void> {
  calls.push(call);
  const verdict = await rig.call(call.tool, { n: call.n }, call.agent);
  if (verdict.kind === 'held') requests.push(verdict.held.request.id);
  if (verdict.kind !== 'permitted') return;
  permits.push(verdict.permit);
  ran.push(verdict.permit.execution_id);
}

const pick = <T>(list: readonly T[], at: number): T | undefined =>
  list[list.length === 0 ? 0 : at % list.length];

type Dice = { readonly a: number; readonly b: number; readonly c: number };

const MOVES = {
  call: (play: Play, { a, b, c }: Dice) =>
    make(play, { agent: pick(AGENTS, a) ?? 'coder', tool: pick(TOOLS, b) ?? 'free', n: c % 2 }),
  /** As agents do: the call of a moment ago, or several of it at once. */
  again: async (play: Play, { a, b }: Dice) => {
    const call = play.calls.at(-1 - (a % 3));
    if (call !== undefined) await Promise.all(Array.from({ length: 1 + (b % 3) }, () => make(play, call)));
  },
  review: async ({ rig, requests }: Play, { a, b, c }: Dice) => {
    const [id, person = 'bob'] = [pick(requests, a), pick(PEOPLE, b)];
    if (id !== undefined) await rig.answer(id, person, { decision: c % 3 === 0 ? 'denied' : 'approved' });
  },
  approve: async ({ rig, requests }: Play, { b }: Dice) => {
    const [id, person = 'bob'] = [requests.at(-1), pick(['bob', 'carol', 'dan', 'bob', 'carol', 'alice'], b)];
    if (id !== undefined) await rig.answer(id, person);
  },
  cancel: async ({ rig, requests }: Play, { a, b }: Dice) => {
    const [id, person = 'bob'] = [pick(requests, a), pick(PEOPLE, b)];
    if (id !== undefined) await rig.requests.cancel(id, person);
  },
  revoke: async ({ rig }: Play, { a, b }: Dice) => {
    const approval = pick((await rig.requests.listApprovals({}, { limit: 50 })).items, a);
    if (approval !== undefined) await rig.requests.revoke(approval.id, pick(PEOPLE, b) ?? 'bob', 'r');
  },
  reveal: async ({ rig, requests }: Play, { a, b }: Dice) => {
    const id = pick(requests, a);
    if (id !== undefined) await rig.requests.reveal(id, pick(PEOPLE, b) ?? 'bob', 'r');
  },
  end: async ({ permits }: Play, { a, b }: Dice) => {
    const [permit] = permits.splice(permits.length === 0 ? 0 : a % permits.length, 1);
    if (permit === undefined) return;
    const status = (['succeeded', 'failed', 'unknown'] as const)[b % 3] ?? 'failed';
    await permit.finish(
      status === 'unknown'
        ? { status, summary: 's' }
        : { status, result: { body: `"${permit.execution_id}"` } },
    );
    if (b % 2 === 0) permit.delivered();
  },
  wait: async ({ rig }: Play, { a }: Dice) => {
    rig.time.now += a % 2 === 0 ? 1_000 : 400_000;
  },
  sweep: async ({ rig }: Play) => void (await sweep(rig.deps)),
  policy: async ({ rig }: Play, { a }: Dice) => {
    const policy = pick(POLICIES, a);
    if (policy !== undefined) await rig.change({ policy });
  },
  house: async ({ rig }: Play, { a }: Dice) => {
    const config = pick(HOUSES, a);
    if (config !== undefined) await rig.change({ config });
  },
  crash: async ({ rig, permits }: Play) => {
    permits.length = 0;
    await recoverExecutions(rig.deps);
  },
} satisfies { readonly [name: string]: (play: Play, dice: Dice) => Promise<void> };

export type Move = Dice & { readonly name: keyof typeof MOVES };

const weights: { readonly [N in Move['name']]: number } = {
  call: 5,
  again: 9,
  approve: 9,
  review: 2,
  end: 4,
  cancel: 1,
  revoke: 1,
  reveal: 1,
  wait: 2,
  sweep: 2,
  policy: 1,
  house: 1,
  crash: 1,
};

const move: fc.Arbitrary<Move> = fc.record({
  name: fc.oneof(
    ...(Object.keys(weights) as Move['name'][]).map((name) => ({
      weight: weights[name],
      arbitrary: fc.constant(name),
    })),
  ),
  a: fc.nat({ max: 11 }),
  b: fc.nat({ max: 11 }),
  c: fc.nat({ max: 5 }),
});

/** Rounds of moves; those of one round happen at once. */
export const rounds: fc.Arbitrary<readonly (readonly Move[])[]> = fc.array(
  fc.array(move, { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 40 },
);

export const play = async (on: Play, round: readonly Move[]): Promise<void> => {
  await Promise.all(round.map(({ name, ...dice }) => MOVES[name](on, dice)));
};
