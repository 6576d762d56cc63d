/** A whole gateway with webhooks and a callback, and what operators see and do of them on the command line. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { createClient, requestFor } from '@countersign/sdk';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { newSecret } from '../../gateway/src/webhooks/sign.ts';
import { until } from '../../gateway/testing/until.ts';
import { runWith } from '../cli/house.ts';
import { callHeld, openYard, type Yard } from '../gateway/yard.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const SECRET = newSecret();
let yard: Yard;
let there: Receiver;
const AT_MOST = { timeout: 60_000 };

before(async () => {
  there = await startReceiver([SECRET]);
  yard = await openYard();
  const base = there.url.replace(/\?.*/, '');
  await writeFile(path.join(yard.dir, 'webhook-secret'), SECRET, { mode: 0o600 });
  await yard.editConfig(
    (text) => `${text}
channels:
  webhooks:
    siem: { url: "${there.url}", secret: file:./webhook-secret, allow_networks: [127.0.0.1] }
  callbacks:
    coder: { to: ["${base}"], secret: file:./webhook-secret, allow_networks: [127.0.0.1] }
`,
  );
  await until('it is agreed to', () => yard.log.some((line) => line.includes('channels changed in')));
  await yard.restart();
}, AT_MOST);
after(async () => {
  await yard?.close();
  await there?.close();
});

async function cli(...words: string[]) {
  const env = {
    XDG_CONFIG_HOME: path.join(yard.dir, 'home'),
    COUNTERSIGN_URL: yard.house.gateway.url.replace('127.0.0.1', 'localhost'),
  };
  const ran = await runWith({ tty: false, env, cwd: yard.dir }, words);
  return { ...ran, out: ran.out.replaceAll(/\s+/g, ' ') };
}

it('tells what happens, and is seen, tried out and told again from the command line', AT_MOST, async () => {
  const link = await yard.house.gateway.links.write('alice', 'test');
  assert.equal((await cli('login', '--link-file', link?.path ?? '')).code, EXIT.ok);
  there.answer = 410;
  const id = (await callHeld(yard)) ?? assert.fail('not held');
  await until('it said that it is gone', () => there.got.length === 1);
  await until('that is kept', async () => (await cli('webhooks', 'list')).code === EXIT.no);
  const listed = await cli('webhooks', 'list');
  assert.match(listed.out, /webhook:siem http:\/\/127\.0\.0\.1:\d+ says it is gone \(410\) 0 0 1/);
  assert.ok(!listed.out.includes('path-secret'));
  const dead = await cli('webhooks', 'dead', 'siem');
  assert.match(dead.out, new RegExp(`countersign\\.request\\.opened ${id}.* answered 410`));
  const refused = await cli('webhooks', 'test', 'siem');
  assert.deepEqual([refused.code, refused.out.trim()], [EXIT.no, 'Not taken: answered 410']);
  there.answer = 204;
  assert.match((await cli('webhooks', 'test', 'webhook:siem')).out, /^Taken, in \d+ ms\./);
  assert.equal((await cli('webhooks', 'replay', 'siem')).out.trim(), 'Tried again: 1');
  await until('it is told', () => there.taken.some(({ event }) => event.subject === id));
  assert.equal((await cli('webhooks', 'replay', 'nobody')).code, EXIT.refused);
  const rotated = JSON.parse((await cli('webhooks', 'rotate', 'siem', '--json')).out) as { secret: string };
  assert.match(rotated.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
});

it('calls an agent back that named where, over AuthZEN', AT_MOST, async () => {
  const url = yard.house.gateway.url.replace('127.0.0.1', 'localhost');
  const { access } = createClient({ url, token: yard.key });
  const question = {
    subject: { type: 'agent', id: 'coder' },
    action: { name: 'deploy' },
    resource: { type: 'service', id: 'web' },
  };
  await yard.writePolicy(`version: 1
rules:
  - { id: deploys, about: deploying asks, on: access, then: require, approve: [{ by: anyone }] }
`);
  await until(
    'the policy asks',
    async () => requestFor(question, await access.evaluate(question)) !== undefined,
  );
  const input = requestFor(question, await access.evaluate(question)) ?? assert.fail('not requestable');
  const endpoint = there.url.replace(/\?.*/, '/done');
  await assert.rejects(
    access.requestAccess({ ...input, callback: { endpoint: 'http://169.254.169.254/' } }),
    /callbacks\.coder\.to/,
  );
  const { task } = await access.requestAccess({ ...input, callback: { endpoint, state: 'my-state' } });
  const bob = await yard.house.signIn('bob');
  const shown = await bob.requests.show(task.id);
  const { action_digest, rendered_digest } = shown;
  await bob.requests.review(task.id, {
    decision: 'denied',
    reason: 'not today',
    action_digest,
    rendered_digest,
  });
  await until('it is called back', () => there.taken.some(({ type }) => type === 'application/json'));
  const called = there.taken.find(({ type }) => type === 'application/json') ?? assert.fail();
  assert.deepEqual(JSON.parse(called.body), {
    state: 'my-state',
    task: { id: task.id, status: 'denied', status_endpoint: task.status_endpoint },
  });
});
