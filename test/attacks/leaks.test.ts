/** A23 over the whole gateway: a secret an agent sends is searched for in everything that can be read from outside. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { openYard } from '../gateway/yard.ts';

const TOKEN = `ghp_${'Zx9'.repeat(12)}`;
const HELD = 'test_simple_text';
const FREE = 'test_image_content';

it('A23: a secret in calls, names, claims and broken messages leaves nowhere', async () => {
  const yard = await openYard();
  try {
    const { url, data_dir } = yard.house.gateway;
    const told: unknown[] = [];
    const agent = await yard.connect();
    const calls: readonly (readonly [name: string, args: { readonly [name: string]: unknown }])[] = [
      [HELD, { token: TOKEN }],
      [HELD, { [TOKEN]: 1, 'a/b': `Bearer ${TOKEN}` }],
      [FREE, { note: `x ${TOKEN}` }],
      [TOKEN, {}],
    ];
    for (const [name, args] of calls) {
      const answer = await agent.callTool({ name, arguments: { ...args } }).catch((error: unknown) => error);
      // An answer may name the tool its caller named; it goes to nobody else.
      told.push(name === TOKEN ? '' : JSON.stringify(answer));
    }
    await agent.close();

    const post = (to: string, body: string, headers: { readonly [name: string]: string } = {}) =>
      fetch(`${url}${to}`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      });
    const key = { authorization: `Bearer ${yard.key}` };
    const broken: readonly (readonly [
      to: string,
      body: string,
      headers?: { readonly [name: string]: string },
    ])[] = [
      ['/mcp/tools', `{"a":"${TOKEN}","a":1}`, key],
      ['/mcp/tools', `"${TOKEN}`, key],
      ['/mcp/nothing', `{"x":"${TOKEN}"}`, key],
      ['/mcp/tools', '{}', { authorization: `Bearer ${TOKEN}` }],
      ['/access/v1/evaluation', `{"subject":"${TOKEN}"}`, key],
      ['/api/sign-in', `{"code":"${TOKEN}"}`],
      [`/api/requests/${TOKEN}/reviews`, '{}', { authorization: `Bearer ${TOKEN}` }],
    ];
    for (const [to, body, headers] of broken) {
      const response = await post(to, body, headers);
      assert.ok(response.status >= 400, `${to}: ${response.status}`);
      told.push(await response.text());
    }

    const bob = await yard.house.signIn('bob');
    const { items } = await bob.requests.list({});
    assert.equal(items.length, 2, 'two calls are held');
    for (const { id } of items) {
      await bob.requests.review(id, { decision: 'denied', reason: `never paste ${TOKEN}` });
      told.push(await bob.requests.show(id));
    }
    await yard.house.gateway.flushLog();
    told.push(items, await bob.log.lookUp({}), await bob.tools.list(), await bob.approvals.list({}));
    told.push(await (await fetch(`${url}/metrics`)).text(), yard.log);

    const files = globSync('log/**', { cwd: data_dir }).filter((file) => !/log$|tile$/.test(file));
    for (const file of files) {
      const text = (() => {
        try {
          return readFileSync(path.join(data_dir, file), 'utf8');
        } catch {
          return ''; // a folder
        }
      })();
      told.push(text);
      for (const [, payload = ''] of text.matchAll(/"payload":"([^"]+)"/g))
        told.push(Buffer.from(payload, 'base64').toString('utf8'));
    }
    for (const each of told) {
      const text = typeof each === 'string' ? each : JSON.stringify(each);
      const at = text.indexOf(TOKEN);
      assert.equal(at, -1, text.slice(Math.max(0, at - 200), at + 60));
    }
  } finally {
    await yard.close();
  }
});
