// The parts of the run that need a gateway: the official suite through it, task scenarios with their jobs held, and
// what the suite misses. Each starts a gateway of its own in front of a fixture of its own.
import { type Approver, startApprover } from './approver.ts';
import { equal, type Line, perfect } from './compare.ts';
import { runExtras } from './extra/run.ts';
import { startFixture } from './fixture/fixture.ts';
import { startForwarder } from './forwarder.ts';
import { startGateway } from './gateway/gateway.ts';
import { AGENTS, type PolicySpec } from './gateway/settings.ts';
import type { Section } from './report.ts';
import {
  REVISIONS,
  type Results,
  type Revision,
  runRequirements,
  runScenario,
  TASK_SCENARIOS,
} from './suite.ts';

/**
 * The tools the task scenarios call, but for two: `greet` must answer at once, and `test_tool_with_task` must ask
 * before there is a task, while a call that waits for a person is a task from the start.
 */
const HELD_JOBS = ['slow_compute', 'failing_job', 'protocol_error_job', 'confirm_delete', 'multi_input'];

/** The suite cannot send a key, so one is added on the way; a person approves whatever is held. */
async function behind<T>(
  policy: PolicySpec,
  use: (url: string, approver: Approver) => Promise<T>,
): Promise<T> {
  await using open = new AsyncDisposableStack();
  const fixture = open.adopt(await startFixture(), (it) => it.close());
  const spec = { upstreams: { fixture: { url: fixture.url } }, policy };
  const gateway = open.adopt(await startGateway(spec), (it) => it.close());
  const url = gateway.url('fixture');
  const forwarder = open.adopt(await startForwarder(url, gateway.token(AGENTS[0])), (it) => it.close());
  const approver = open.adopt(startApprover(gateway.reviewer), (it) => it.stop());
  return await use(forwarder.url, approver);
}

/** Everything allowed: each scenario must come out as it does on the fixture itself. */
export async function* sameAsDirect(reference: ReadonlyMap<Revision, Results>): AsyncGenerator<Section> {
  for (const revision of REVISIONS) {
    const results = await behind({}, (url) => runRequirements(url, revision));
    const lines = equal(reference.get(revision) ?? new Map(), results);
    yield { title: `gateway, everything allowed, ${revision}, against direct`, lines };
  }
}

export async function heldTasks(): Promise<Section> {
  const lines = await behind({ hold: HELD_JOBS }, async (url, approver) => {
    const all: Line[] = [];
    for (const scenario of TASK_SCENARIOS) all.push(...perfect(await runScenario(url, scenario)));
    return [...all, ...HELD_JOBS.map((tool) => wasHeld(tool, approver))];
  });
  return { title: 'gateway, jobs held and approved by a person, tasks', lines };
}

/** Scenarios pass as well when nothing is held, so that is checked too. */
function wasHeld(tool: string, approver: Approver): Line {
  const times = approver.seen.filter(({ resource }) => resource === tool).length;
  const notes = times > 0 ? [] : ['no request for it was seen'];
  return {
    scenario: `${tool} was held, ${times} ×`,
    ok: times > 0,
    passed: Math.min(times, 1),
    failed: times > 0 ? 0 : 1,
    notes,
  };
}

export async function missedBySuite(only: string | undefined): Promise<Section> {
  const outcomes = await runExtras(only === undefined ? undefined : new RegExp(RegExp.escape(only), 'i'));
  if (outcomes.length === 0) throw new Error(`no scenario of ours is called ${only}`);
  const lines = outcomes.map(({ name, ok, message }) => {
    const notes = message === undefined ? [] : [message];
    return { scenario: name, ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1, notes };
  });
  return { title: 'gateway, what the suite misses', lines };
}
