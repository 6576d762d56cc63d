// `npm run conformance`: the official suite and our own scenarios, first on the fixture, then through the gateway.
//   --direct       only the fixture
//   --only TEXT    only our own scenarios whose name contains TEXT
//   --json         one JSON document on stdout instead of tables
// Exits 1 on any difference. It must never pass because something was not run.
import { parseArgs } from 'node:util';
import { startApprover } from './approver.ts';
import { equal, type Line, perfect } from './compare.ts';
import { runExtras } from './extra/run.ts';
import { startFixture } from './fixture/fixture.ts';
import { startForwarder } from './forwarder.ts';
import { AGENTS, GatewayNotWired, type PolicySpec, startGateway } from './gateway.ts';
import { print, type Section } from './report.ts';
import { REVISIONS, type Results, runRequirements, runScenario, TASK_SCENARIOS } from './suite.ts';

const { values: options } = parseArgs({
  options: {
    direct: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** The tools the task scenarios call, but for `greet`, which must answer at once. */
const HELD_JOBS = ['slow_compute', 'failing_job', 'protocol_error_job', 'confirm_delete', 'multi_input'];

const sections: Section[] = [];

function report(title: string, lines: Line[]): void {
  const section = { title, lines };
  sections.push(section);
  if (!options.json) print(section);
}

type Suites = Map<string, Results>;

async function direct(): Promise<Suites> {
  const fixture = await startFixture();
  const suites: Suites = new Map();
  try {
    for (const revision of REVISIONS) {
      const results = await runRequirements(fixture.url, revision);
      suites.set(revision, results);
      report(`fixture, direct, ${revision}`, perfect(results));
    }
  } finally {
    await fixture.close();
  }
  return suites;
}

/** Runs `use` against a gateway in front of a fresh fixture; the suite cannot send a key, so one is added on the way. */
async function throughGateway(policy: PolicySpec, use: (url: string) => Promise<void>): Promise<void> {
  await using open = new AsyncDisposableStack();
  const closing = <T extends { close(): Promise<void> }>(part: T): T => open.adopt(part, (it) => it.close());
  const fixture = closing(await startFixture());
  const gateway = closing(await startGateway({ upstreams: { fixture: { url: fixture.url } }, policy }));
  const forwarder = closing(await startForwarder(gateway.url('fixture'), gateway.token(AGENTS[0])));
  const approver = startApprover(gateway.reviewer);
  open.defer(() => approver.stop());
  await use(forwarder.url);
}

async function gatewayEquals(reference: Suites): Promise<void> {
  await throughGateway({}, async (url) => {
    for (const revision of REVISIONS) {
      const results = await runRequirements(url, revision);
      report(
        `gateway, everything allowed, ${revision}, against direct`,
        equal(reference.get(revision) ?? new Map(), results),
      );
    }
  });
}

async function heldTasks(): Promise<void> {
  await throughGateway({ hold: HELD_JOBS }, async (url) => {
    const lines: Line[] = [];
    for (const scenario of TASK_SCENARIOS) lines.push(...perfect(await runScenario(url, scenario)));
    report('gateway, jobs held and approved by a person, tasks', lines);
  });
}

async function ownScenarios(): Promise<void> {
  const wanted = options.only === undefined ? undefined : new RegExp(RegExp.escape(options.only), 'i');
  const outcomes = await runExtras(wanted);
  if (outcomes.length === 0) throw new Error(`no scenario of ours is called ${options.only}`);
  const lines = outcomes.map(({ name, ok, message }) => {
    return {
      scenario: name,
      ok,
      passed: ok ? 1 : 0,
      failed: ok ? 0 : 1,
      notes: message === undefined ? [] : [message],
    };
  });
  report('gateway, what the suite misses', lines);
}

try {
  if (options.only === undefined) {
    const reference = await direct();
    if (!options.direct) {
      await gatewayEquals(reference);
      await heldTasks();
    }
  }
  if (!options.direct) await ownScenarios();
} catch (error) {
  if (!(error instanceof GatewayNotWired)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

const failed = sections.flatMap(({ lines }) => lines).filter(({ ok }) => !ok);
if (failed.length > 0 || sections.length === 0) process.exitCode = 1;
if (options.json) console.log(JSON.stringify({ ok: process.exitCode !== 1, sections }, null, 2));
