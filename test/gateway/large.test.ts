// A large answer through the whole gateway, its real masking thread included.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { OPEN, openYard, UPSTREAM_SECRET, type Yard } from './yard.ts';

const ECHO_FREE = `version: 1
rules:
${OPEN}
  - { id: echo, about: echoing is free, on: mcp, where: { resource: [echo] }, then: allow, opaque: true }
`;

let yard: Yard;
beforeEach(async () => {
  yard = await openYard();
  await yard.writePolicy(ECHO_FREE);
  await yard.restart();
});
afterEach(() => yard.close());

async function echo(say: string): Promise<string> {
  const agent = await yard.connect();
  try {
    const answer = await agent.callTool({ name: 'echo', arguments: { say } });
    return JSON.stringify(answer.content);
  } finally {
    await agent.close();
  }
}

it('A23: a secret deep in a large answer is masked', async () => {
  const text = await echo(`${'nothing here, and more of it. '.repeat(20_000)}${UPSTREAM_SECRET} and on`);
  assert.ok(text.length > 600_000);
  assert.ok(!text.includes(UPSTREAM_SECRET));
  assert.match(text.slice(-200), /\[masked: [a-z0-9-]+\] and on/);
  assert.deepEqual(
    yard.log.filter((line) => line.includes('masking thread')),
    [],
  );
});
