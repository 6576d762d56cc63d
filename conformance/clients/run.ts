// `npm run clients`: real clients complete a call that people take 75 s to approve, each with its own default limits.
//   --hold SECONDS   how long the reviewer takes (75)
//   --only NAME      one client
//   --json           one JSON document on stdout
// All run at once, each with its own arguments, so each is one request. Exits 1 unless every call came back with its
// result and ran exactly once.
import { parseArgs } from 'node:util';
import { startApprover } from '../mcp/approver.ts';
import { startFixture } from '../mcp/fixture/fixture.ts';
import { startGateway } from '../mcp/gateway/gateway.ts';
import { AGENTS } from '../mcp/gateway/settings.ts';
import type { ClientScript } from './client.ts';
import * as extTasks from './ext-tasks.ts';
import * as openaiAgents from './openai-agents.ts';
import * as sdkV1 from './sdk-v1.ts';
import * as sdkV2 from './sdk-v2.ts';
import * as vercel from './vercel.ts';

const { values: options } = parseArgs({
  options: {
    hold: { type: 'string', default: '75' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const CLIENTS: Record<string, ClientScript> = {
  'MCP SDK 1.32.2': sdkV1.run,
  'MCP SDK 2.4.0, 2026-07-28': sdkV2.run,
  'MCP SDK 2.4.0, 2025-11-25': sdkV2.runLegacy,
  'MCP SDK 2.4.0 with tasks': extTasks.run,
  'OpenAI Agents SDK 0.20.0': openaiAgents.run,
  'Vercel AI SDK, @ai-sdk/mcp 2.0.99': vercel.run,
};

/** It declares an output schema, and then some clients throw on an answer without structured content. */
const TOOL = 'measure';

type Row = { client: string; ok: boolean; calls: number; seconds: number; runs: number; note: string };

async function runAll(hold_s: number): Promise<Row[]> {
  await using open = new AsyncDisposableStack();
  const fixture = open.adopt(await startFixture(), (it) => it.close());
  const spec = { upstreams: { fixture: { url: fixture.url } }, policy: { hold: [TOOL] } };
  const gateway = open.adopt(await startGateway(spec), (it) => it.close());
  const approver = startApprover(gateway.reviewer, { delay_ms: hold_s * 1000 });
  open.defer(() => approver.stop());
  const to = { url: gateway.url('fixture'), token: gateway.token(AGENTS[0]), tool: TOOL };
  const chosen = Object.entries(CLIENTS).filter(
    ([name]) => options.only === undefined || name.includes(options.only),
  );
  return await Promise.all(
    chosen.map(async ([client, run]) => {
      const args = { text: client };
      const wanted = JSON.stringify({ text: client, characters: client.length });
      const started = performance.now();
      const outcome = await run({ ...to, args }).then(
        ({ content, calls }) => ({
          calls,
          note: content === wanted ? '' : `unexpected answer: ${content}`,
        }),
        (error: unknown) => ({ calls: 0, note: error instanceof Error ? error.message : String(error) }),
      );
      const seconds = (performance.now() - started) / 1000;
      const runs = fixture.journal
        .list({ name: TOOL })
        .filter((r) => JSON.stringify(r.params['arguments']) === JSON.stringify(args)).length;
      const early =
        seconds < hold_s ? `answered ${Math.round(hold_s - seconds)} s before it was approved` : '';
      const note = outcome.note || early || (runs === 1 ? '' : `ran ${runs} times`);
      return { client, ok: note === '', calls: outcome.calls, seconds, runs, note };
    }),
  );
}

function print(rows: readonly Row[]): void {
  console.log('\n          client                               calls   seconds  ran upstream');
  for (const { client, ok, calls, seconds, runs, note } of rows) {
    const numbers = `${String(calls).padStart(5)}  ${seconds.toFixed(1).padStart(8)}  ${String(runs).padStart(12)}`;
    console.log(
      `  ${ok ? 'ok    ' : 'FAILED'}  ${client.padEnd(35)}  ${numbers}${note === '' ? '' : `\n            ${note}`}`,
    );
  }
}

const rows = await runAll(Number(options.hold));
if (rows.length === 0)
  throw new Error(`no client is called ${options.only}; there are: ${Object.keys(CLIENTS).join('; ')}`);
if (options.json) console.log(JSON.stringify({ ok: rows.every(({ ok }) => ok), rows }, null, 2));
else print(rows);
if (!rows.every(({ ok }) => ok)) process.exitCode = 1;
