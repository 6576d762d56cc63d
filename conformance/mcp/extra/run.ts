// Runs the extra scenarios, one after another.
import { startFixture } from '../fixture/fixture.ts';
import { startGateway } from '../gateway/gateway.ts';
import { CANCELLING } from './cancelling.ts';
import { GUARDING } from './guarding.ts';
import { HOLDING } from './holding.ts';
import { HOLD_WAIT, REDEEMING } from './redeeming.ts';
import { EXTRA_POLICY, type Scenario, settleAll, stageOf, UPSTREAM } from './scenario.ts';

export type Outcome = { name: string; ok: boolean; message: string | undefined };

const SCENARIO_MS_MAX = 30_000;

/** Each group has a gateway and a fixture of its own: some scenarios change what a gateway knows for good. */
const GROUPS: { scenarios: Scenario[]; hold_wait?: string }[] = [
  { scenarios: [...GUARDING, ...HOLDING, ...CANCELLING] },
  { scenarios: REDEEMING, hold_wait: HOLD_WAIT },
];

export async function runExtras(only?: RegExp): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { scenarios, ...group } of GROUPS) {
    const wanted = scenarios.filter(({ name }) => only === undefined || only.test(name));
    if (wanted.length > 0) outcomes.push(...(await runGroup(wanted, group)));
  }
  return outcomes;
}

async function runGroup(scenarios: Scenario[], group: { hold_wait?: string }): Promise<Outcome[]> {
  await using open = new AsyncDisposableStack();
  const fixture = open.adopt(await startFixture(), (it) => it.close());
  const spec = { upstreams: { [UPSTREAM]: { url: fixture.url } }, policy: EXTRA_POLICY, ...group };
  const gateway = open.adopt(await startGateway(spec), (it) => it.close());
  const stage = stageOf(fixture, gateway);
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    fixture.journal.reset();
    fixture.faults.clear();
    outcomes.push(await outcomeOf(scenario, () => scenario.run(stage)));
    await settleAll(stage);
  }
  return outcomes;
}

async function outcomeOf({ name }: Scenario, run: () => Promise<void>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${SCENARIO_MS_MAX} ms`)), SCENARIO_MS_MAX);
  });
  try {
    await Promise.race([run(), late]);
    return { name, ok: true, message: undefined };
  } catch (error) {
    return { name, ok: false, message: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
