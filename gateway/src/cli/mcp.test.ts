import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verb } from './mcp.ts';
import { type Io, UsageError } from './verb.ts';

it('A27: the agent key is not carried in clear over a network', async () => {
  const io = { env: { COUNTERSIGN_AGENT_KEY: 'cs_agent_x' }, cwd: '/' } as unknown as Io;
  await assert.rejects(
    async () => verb.run(['files', '--url', 'http://gate.example.com/'], io),
    (error) => error instanceof UsageError && /over http anybody on the way could read/.test(error.message),
  );
});
