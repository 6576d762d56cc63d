/**
 * An allowed MCP call, its permit durable before the upstream has a byte: what the gateway adds for one client, what is
 * left of the direct rate at eight, and what its main thread spends; beside it the same of a bare proxy, which is what a
 * process in between costs on this machine whatever it does. Rounds alternate, direct, through the bare proxy and through
 * the gateway, so that whatever else the machine does falls on all; the medians are over the rounds.
 *
 * The gateway measured is one that has run for a while: V8 compiles what is used often only after thousands of calls. What
 * the first calls cost is told beside it.
 * Run: npm run bench call
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, median, type Report, runAlone, shown } from './goals.ts';
import type { BareAnswers } from './processes/bare.ts';
import { openDisk } from './processes/disk.ts';
import type { Target } from './processes/load.ts';
import { type Process, startProcess } from './processes/processes.ts';
import { openStage, type Stage } from './processes/stage.ts';

const CLIENTS = 8;
/** Bare commits beside each three rounds. */
const COMMITS = 60;
const BARE = 'a bare proxy with one durable commit';

type Usage = { readonly cpu_us: number; readonly all_us: number };
/** A way to the upstream, and what it costs the process that is measured. */
type Way = { readonly target: Target; readonly usage: () => Promise<Usage> };
type Ways = { readonly direct: Way; readonly bare: Way; readonly guarded: Way };
type Size = { readonly clients: number; readonly calls: number };

type Round = Usage & { readonly median_us: number; readonly per_s: number };
type Rounds = { readonly [Name in keyof Ways]: Round } & { readonly commit_ms: number };

async function round({ target, usage }: Way, load: Stage['load'], sized: Size): Promise<Round> {
  const before = await usage();
  const { us, took_ms } = await load.ask('calls', { target, ...sized });
  const after = await usage();
  return {
    median_us: median(us),
    per_s: (us.length / took_ms) * 1000,
    cpu_us: (after.cpu_us - before.cpu_us) / us.length,
    all_us: (after.all_us - before.all_us) / us.length,
  };
}

/** Calls of a gateway that has just begun, and as many more as make it warm. */
type Warmth = { readonly first: number; readonly then: number };
const COLD: Warmth = { first: 2_000, then: 38_000 };

async function warmed({ ways, load }: Course, { first, then }: Warmth): Promise<Round> {
  const cold = await round(ways.guarded, load, { clients: CLIENTS, calls: first });
  await round(ways.guarded, load, { clients: CLIENTS, calls: then });
  return cold;
}

const LOOK_EVERY_MS = 250;
const SETTLED_MS = 60_000;
/** Of a core. */
const IDLE = 0.03;

/** Once the gateway has done what it does after calls (its history), which must not fall on whoever is measured next. */
async function settled({ usage }: Way): Promise<void> {
  const until = performance.now() + SETTLED_MS;
  for (let last = await usage(); performance.now() < until; ) {
    await pause(LOOK_EVERY_MS);
    const now = await usage();
    if (now.all_us - last.all_us < LOOK_EVERY_MS * 1000 * IDLE) return;
    last = now;
  }
  throw new Error('the gateway does not come to rest');
}

type Course = { readonly ways: Ways; readonly load: Stage['load'] };

async function rounds({ ways, load }: Course, sized: Size, count: number): Promise<readonly Rounds[]> {
  const disk = openDisk();
  const done: Rounds[] = [];
  for (let n = 0; n < count; n += 1) {
    await settled(ways.guarded);
    const direct = await round(ways.direct, load, sized);
    const bare = await round(ways.bare, load, sized);
    const commit_ms = disk.commit(COMMITS);
    const guarded = await round(ways.guarded, load, sized);
    done.push({ direct, bare, guarded, commit_ms });
  }
  disk.close();
  return done;
}

const of = (all: readonly Rounds[], value: (one: Rounds) => number): number => median(all.map(value));

/** What the gateway and the bare proxy are compared by. */
function costOf(name: 'bare' | 'guarded', alone: readonly Rounds[], together: readonly Rounds[]) {
  return {
    added_ms: of(alone, (one) => (one[name].median_us - one.direct.median_us) / 1000),
    rate: of(together, (one) => one[name].per_s / one.direct.per_s),
    per_s: of(together, (one) => one[name].per_s),
    cpu_us: of(together, (one) => one[name].cpu_us),
    all_us: of(together, (one) => one[name].all_us),
  };
}

type Measured = {
  readonly cold: Round;
  readonly alone: readonly Rounds[];
  readonly together: readonly Rounds[];
};

function reported({ cold, alone, together }: Measured): Report {
  const got = costOf('guarded', alone, together);
  const bare = costOf('bare', alone, together);
  return {
    measured: [
      {
        goal: 'call_added',
        got: got.added_ms,
        baseline: { name: BARE, value: bare.added_ms, unit: ' ms' },
        ratio: got.added_ms / bare.added_ms,
      },
      {
        goal: 'call_rate',
        got: got.rate,
        baseline: { name: 'the same of a bare proxy', value: bare.rate, unit: '×' },
        ratio: got.rate / bare.rate,
      },
      {
        goal: 'call_cpu',
        got: got.cpu_us,
        baseline: { name: 'main thread of a bare proxy, a call', value: bare.cpu_us, unit: ' µs' },
        ratio: got.cpu_us / bare.cpu_us,
      },
    ],
    also: (
      [
        [`${BARE}: added at the median, one client`, bare.added_ms, ' ms'],
        [`${BARE}: of the direct rate at eight clients`, bare.rate, '×'],
        [`${BARE}: main thread a call, eight clients`, bare.cpu_us, ' µs'],
        [`${BARE}: all threads a call, eight clients`, bare.all_us, ' µs'],
        ['added beyond that bare proxy, one client', of(alone, addedBeyondBare), ' ms'],
        ['one bare durable commit', of(alone, (one) => one.commit_ms), ' ms'],
        ['added beyond one bare durable commit, one client', of(alone, addedBeyondDisk), ' ms'],
        ['a direct call, one client, median', of(alone, ({ direct }) => direct.median_us / 1000), ' ms'],
        ['direct, eight clients', of(together, ({ direct }) => direct.per_s), '/s'],
        ['through that bare proxy, eight clients', bare.per_s, '/s'],
        ['through the gateway, eight clients', got.per_s, '/s'],
        ['all threads a call, eight clients', got.all_us, ' µs'],
        ['main thread a call, one client', of(alone, ({ guarded }) => guarded.cpu_us), ' µs'],
        ['main thread a call, the first 2,000 of a gateway just begun', cold.cpu_us, ' µs'],
        ['all threads a call, the first 2,000 of a gateway just begun', cold.all_us, ' µs'],
      ] as const
    ).map(([name, value, unit]) => [name, shown(value, unit)] as const),
  };
}

const addedBeyondDisk = ({ direct, guarded, commit_ms }: Rounds): number =>
  (guarded.median_us - direct.median_us) / 1000 - commit_ms;
const addedBeyondBare = ({ bare, guarded }: Rounds): number => (guarded.median_us - bare.median_us) / 1000;

export const bench: Bench = async ({ quick }) => {
  const stage = await openStage({ agents: 1 });
  const bare = startProcess<BareAnswers>('bare.ts', [stage.direct.url]);
  const [count, warm, one, many] = quick ? [1, 20, 20, 40] : [9, 3000, 300, 1500];
  try {
    const course = { load: stage.load, ways: await waysOf(stage, bare) };
    const cold = await warmed(course, quick ? { first: 20, then: 20 } : COLD);
    await rounds(course, { clients: CLIENTS, calls: warm }, 1);
    const alone = await rounds(course, { clients: 1, calls: one }, count);
    const together = await rounds(course, { clients: CLIENTS, calls: many }, count);
    return reported({ cold, alone, together });
  } finally {
    await bare.stop();
    await stage.close();
  }
};

async function waysOf(stage: Stage, bare: Process<BareAnswers>): Promise<Ways> {
  const usage = () => stage.gateway.ask('usage', undefined);
  return {
    direct: { target: stage.direct, usage },
    bare: { target: { url: await bare.ask('url', undefined) }, usage: () => bare.ask('usage', undefined) },
    guarded: { target: stage.guarded[0], usage },
  };
}

await runAlone(import.meta.url, bench);
