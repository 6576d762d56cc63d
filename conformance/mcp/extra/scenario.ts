// What the official suite misses, as scenarios of our own: each runs through a gateway whose upstream is the fixture,
// and asserts on what reached it. A scenario throws; nothing else is a failure.
import assert from 'node:assert/strict';
import type { Answer, Rpc } from '../client.ts';
import type { Fixture } from '../fixture/fixture.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { AGENTS, type Agent, type PolicySpec } from '../gateway/settings.ts';

/** The policy every scenario runs under; all other tools are allowed. */
export const EXTRA_POLICY = {
  hold: ['confirm_delete', 'measure', 'test_tool_with_progress', 'test_x_mcp_header', 'echo'],
  deny: ['test_error_handling'],
  bar: ['barred'],
} as const satisfies PolicySpec;

export const UPSTREAM = 'fixture';

export type Stage = {
  fixture: Fixture;
  gateway: Gateway;
  /** The endpoint as one of the two agents sees it. */
  as(agent?: Agent): { url: string; token: string };
  /** Waits until as many requests are pending, and answers which. */
  pending(count?: number): Promise<string[]>;
};

export type Scenario = { name: string; run(stage: Stage): Promise<void> };

const PENDING_MS_MAX = 10_000;

export function stageOf(fixture: Fixture, gateway: Gateway): Stage {
  const as = (agent: Agent = AGENTS[0]) => ({ url: gateway.url(UPSTREAM), token: gateway.token(agent) });
  const pending = async (count = 1) => {
    const until = performance.now() + PENDING_MS_MAX;
    while (performance.now() < until) {
      const open = await gateway.reviewer.pending();
      if (open.length >= count) return open.map(({ id }) => id);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no ${count} pending requests within ${PENDING_MS_MAX} ms`);
  };
  return { fixture, gateway, as, pending };
}

export function textOf(reply: Rpc | undefined): string {
  const content = reply?.result?.['content'];
  assert.ok(Array.isArray(content), `expected a tool result, got ${JSON.stringify(reply)}`);
  return content.map((part: { text?: string }) => part.text ?? '').join('\n');
}

export function assertToolError({ reply, status }: Answer): string {
  assert.equal(status, 200);
  assert.equal(reply?.result?.['isError'], true, `expected isError, got ${JSON.stringify(reply)}`);
  return textOf(reply);
}

/** Answers everything pending, so that scenarios do not see one another's requests. */
export async function settleAll({ gateway }: Stage): Promise<void> {
  for (const { id } of await gateway.reviewer.pending())
    await gateway.reviewer.deny(id, 'end of the scenario');
}
