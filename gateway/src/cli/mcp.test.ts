import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verb } from './mcp.ts';
import { type Io, UsageError } from './verb.ts';

it('a token file must have a token in it, and is not given beside a key file', async () => {
  const io = { env: {}, cwd: '/' } as unknown as Io;
  const said = (args: readonly string[], message: RegExp) =>
    assert.rejects(
      async () => verb.run(args, io),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  await said(['files', '--token-file', 'nowhere/token'], /there is no token in \/nowhere\/token/);
  await said(['files', '--token-file', 'a', '--key-file', 'b'], /give one of them/);
});

it('A27: the agent key is not carried in clear over a network', async () => {
  const io = { env: { COUNTERSIGN_AGENT_KEY: 'cs_agent_x' }, cwd: '/' } as unknown as Io;
  await assert.rejects(
    async () => verb.run(['files', '--url', 'http://gate.example.com/'], io),
    (error) => error instanceof UsageError && /over http anybody on the way could read/.test(error.message),
  );
});
