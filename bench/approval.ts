/**
 * How long after the approval the upstream has the request of a held call: from the moment the reviewer's answer is sent
 * over the API, through its commit, policy asked again, the redemption's commit and the connection, to the upstream's
 * own process seeing the request. Times are of the machine's one monotonic clock. Beside it, what an allowed call takes.
 * Run: npm run bench approval
 */
import { type Bench, median, runAlone, shown } from './goals.ts';
import { openStage, type Stage } from './processes/stage.ts';

/** Milliseconds from sending the approval, and from having its answer, to the upstream having the call. */
async function approveOne({ upstream, load, guarded, reviewer }: Stage) {
  const [id = ''] = await load.ask('hold', { target: guarded[0], count: 1, concurrency: 1 });
  const { action_digest, rendered_digest } = await reviewer.requests.show(id);
  const sent = process.hrtime.bigint();
  await reviewer.requests.review(id, {
    decision: 'approved',
    reason: 'as the bench says',
    action_digest,
    rendered_digest,
  });
  const answered = process.hrtime.bigint();
  const told = await load.ask('answered', undefined);
  if (!told.includes('quick brown fox')) throw new Error(`the approved call did not run: ${told}`);
  const [arrived, ...more] = await upstream.ask('arrivals', undefined);
  if (arrived === undefined || more.length > 0) throw new Error('it did not run exactly once');
  return { sent_ms: Number(arrived - sent) / 1e6, answered_ms: Number(arrived - answered) / 1e6 };
}

export const bench: Bench = async ({ quick }) => {
  const [warm, count] = quick ? [1, 2] : [30, 150];
  const stage = await openStage({ agents: 1 });
  try {
    for (let n = 0; n < warm; n += 1) await approveOne(stage);
    const times: Awaited<ReturnType<typeof approveOne>>[] = [];
    for (let n = 0; n < count; n += 1) times.push(await approveOne(stage));
    const calls = await stage.load.ask('calls', { target: stage.guarded[0], clients: 1, calls: count });
    const sent_ms = median(times.map((time) => time.sent_ms));
    const allowed_ms = median(calls.us) / 1000;
    return {
      measured: [
        {
          goal: 'approval_delay',
          got: sent_ms,
          baseline: { name: 'an allowed call, there and back', value: allowed_ms, unit: ' ms' },
          ratio: sent_ms / allowed_ms,
        },
      ],
      also: [
        [
          'from the API’s answer to the reviewer',
          `${shown(median(times.map((time) => time.answered_ms)), ' ms')} (negative: the upstream had it first)`,
        ],
      ],
    };
  } finally {
    await stage.close();
  }
};

await runAlone(import.meta.url, bench);
