/** A proposal as a person reads it: what it says, the rule, what the rule that asks becomes; nothing a terminal would obey. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, it } from 'node:test';
import { createTerminal } from '../../../testing/terminal.ts';
import { dispatch } from '../dispatch/dispatch.ts';

const ANSWER = {
  since: 0,
  until: 1,
  requests: 12,
  suggestions: [
    {
      rule: 'writes-ask',
      file: 'policy.yaml',
      line: 3,
      explains: ['12 requests on 6 days, each approved\u001b[2J.'],
      proposed: { id: 'writes-ask-usual-1', text: '  - id: "writes-ask-usual-1"\n    then: allow\n' },
      asks_when: '!(agent == "coder")',
      patch: 'diff --git a/policy/policy.yaml b/policy/policy.yaml\n',
    },
  ],
  not_suggested: [],
};
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ANSWER));
});
let url = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

const run = async (...words: string[]) => {
  const env = { COUNTERSIGN_URL: url, COUNTERSIGN_TOKEN: ['cs', 'person', 'x'].join('_') };
  const terminal = createTerminal({ tty: false, env, cwd: '/' });
  assert.equal(await dispatch(['policy', 'suggest', ...words], terminal.io), 0, terminal.errors);
  return terminal.text;
};

it('is shown with what it says, the rule, and what the rule that asks becomes', async () => {
  assert.equal(
    await run(),
    `writes-ask (policy.yaml:3)
  12 requests on 6 days, each approved\\u{1B}[2J.

  - id: "writes-ask-usual-1"
    then: allow

and writes-ask with when: !(agent == "coder")

`,
  );
});

it('is a patch where one is wanted', async () => {
  assert.equal(await run('--patch'), ANSWER.suggestions[0]?.patch);
});
