// Large and hostile answers through the whole gateway: masked on the masking thread, in their place, while others go on.
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
});

it('A21: an answer made to be slow keeps nobody else waiting', async () => {
  const answered: string[] = [];
  const hostile = echo('token= '.repeat(400_000)).then((text) => {
    answered.push('hostile');
    assert.match(text, /token=/);
  });
  await yard.fixture.journal.until({ name: 'echo', state: 'succeeded' });
  await echo('quick').then((text) => {
    answered.push('quick');
    assert.match(text, /quick/);
  });
  await hostile;
  assert.deepEqual(answered, ['quick', 'hostile']);
  assert.deepEqual(
    yard.log.filter((line) => line.includes('masking thread')),
    [],
  );
});
