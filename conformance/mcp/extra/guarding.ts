// Guarding: headers against bodies, methods that do not exist, keys, sessions, and what must not travel.
import assert from 'node:assert/strict';
import { legacy, modern, send } from '../client.ts';
import { AGENTS } from '../gateway/settings.ts';
import type { Scenario } from './scenario.ts';

const [FIRST, SECOND, BARRED] = AGENTS;
const HEADER_MISMATCH = -32020;
const CALL = 'tools/call';
const ALLOWED = { name: 'greet', arguments: { name: 'x' } };
const HELD = { name: 'echo', arguments: { smuggled: true } };

export const GUARDING: Scenario[] = [
  {
    name: 'headers that say other than the body are refused, and nothing reaches the upstream',
    run: async ({ fixture, gateway, as }) => {
      const lies: [method: string, params: Record<string, unknown>, headers: Record<string, string>][] = [
        [CALL, HELD, { 'mcp-name': 'greet' }],
        [CALL, ALLOWED, { 'mcp-name': 'echo' }],
        [CALL, HELD, { 'mcp-method': 'tools/list' }],
        [CALL, HELD, { 'mcp-protocol-version': '2025-11-25' }],
        [CALL, { name: 'test_x_mcp_header', arguments: { region: 'eu' } }, { 'mcp-param-region': 'us' }],
      ];
      for (const [method, params, headers] of lies) {
        const { status, reply } = await modern({ ...as(), headers }, method, params).done;
        const about = `${JSON.stringify(headers)} → HTTP ${status} ${JSON.stringify(reply)}`;
        assert.equal(status, 400, about);
        if (headers['mcp-protocol-version'] === undefined)
          assert.equal(reply?.error?.code, HEADER_MISMATCH, about);
      }
      assert.equal(fixture.journal.count({ method: CALL }), 0);
      assert.deepEqual(await gateway.reviewer.pending(), []);
    },
  },
  {
    name: 'the modern revision has no GET and no DELETE',
    run: async ({ as }) => {
      for (const method of ['GET', 'DELETE'] as const) {
        const headers = { 'mcp-protocol-version': '2026-07-28' };
        assert.equal((await send(as(), { method, headers }).done).status, 405, method);
      }
    },
  },
  {
    name: 'JSON that two parsers could read differently is refused',
    run: async ({ fixture, as }) => {
      const session = await legacy(as());
      const headers = { 'mcp-session-id': session.id, 'mcp-protocol-version': session.version };
      const params = [
        '{"name":"greet","name":"echo","arguments":{"name":"x"}}',
        '{"name":"greet","arguments":{"name":"\\ud800"}}',
      ];
      for (const each of params) {
        const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${each}}`;
        assert.equal((await send(as(), { headers, body }).done).status, 400, each);
      }
      assert.equal(fixture.journal.count({ method: CALL }), 0);
    },
  },
  {
    name: 'no key, a wrong key and a key in the URL are refused before anything is read',
    run: async ({ fixture, as }) => {
      const { url, token } = as();
      const before = fixture.journal.count();
      for (const to of [
        { url },
        { url, token: `${token.slice(0, -2)}xx` },
        { url: `${url}?access_token=${token}` },
      ]) {
        const { status, headers } = await modern(to, CALL, ALLOWED).done;
        assert.equal(status, 401);
        assert.match(String(headers['www-authenticate']), /^Bearer .*resource_metadata=/);
      }
      assert.equal(fixture.journal.count(), before);
    },
  },
  {
    name: 'one agent cannot speak in the session of another, nor end it',
    run: async ({ fixture, as }) => {
      const mine = await legacy(as());
      const theirs = await legacy(as(SECOND), mine.id);
      assert.equal((await theirs.request(CALL, ALLOWED).done).status, 404);
      assert.equal((await theirs.stream().done).status, 404);
      assert.equal((await theirs.end()).status, 404);
      assert.equal(fixture.journal.count({ name: 'greet' }), 0);
      assert.equal((await mine.request(CALL, ALLOWED).done).status, 200);
    },
  },
  {
    name: 'two agents never share an upstream session',
    run: async ({ fixture, as }) => {
      for (const agent of [FIRST, SECOND]) await (await legacy(as(agent))).request(CALL, ALLOWED).done;
      const sessions = fixture.journal.list({ name: 'greet' }).map(({ session }) => session);
      assert.equal(sessions.length, 2);
      assert.notEqual(sessions[0], sessions[1]);
    },
  },
  {
    name: 'an agent that may not connect gets nowhere on what another has opened',
    run: async ({ fixture, as }) => {
      assert.equal((await modern(as(), CALL, ALLOWED).done).status, 200);
      await legacy(as());
      fixture.journal.reset();
      const { reply } = await modern(as(BARRED), CALL, ALLOWED).done;
      assert.ok(reply?.error || reply?.result?.['isError'] === true, JSON.stringify(reply));
      await assert.rejects(legacy(as(BARRED)), /initialize: HTTP/);
      assert.equal(fixture.journal.count(), 0, 'a barred agent reached the upstream');
    },
  },
  {
    name: "one agent's task does not exist for another, nor does its approval count for it",
    run: async ({ fixture, gateway, as, pending }) => {
      const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
      const wanted = { name: 'echo', arguments: { whose: 'mine' } };
      const made = await modern({ ...as(), capabilities }, CALL, wanted).done;
      const taskId = String(made.reply?.result?.['taskId']);
      const [id = ''] = await pending();
      for (const method of ['tasks/get', 'tasks/cancel']) {
        const { reply } = await modern({ ...as(SECOND), capabilities }, method, { taskId }).done;
        assert.equal(reply?.error?.code, -32602, `${method}: ${JSON.stringify(reply)}`);
      }
      await gateway.reviewer.approve(id);
      await fixture.journal.until({ name: 'echo', state: 'succeeded' });
      const theirs = modern(as(SECOND), CALL, wanted);
      theirs.done.catch(() => undefined);
      await pending();
      assert.equal(fixture.journal.count({ name: 'echo' }), 1);
      theirs.hangUp();
    },
  },
  {
    name: "the agent's key, cookies and Origin never reach the upstream",
    run: async ({ fixture, as }) => {
      const headers = { cookie: 'a=b', origin: new URL(as().url).origin, 'x-forwarded-for': '10.0.0.1' };
      await modern({ ...as(), headers }, CALL, ALLOWED).done;
      await (await legacy(as())).request(CALL, ALLOWED).done;
      const seen = JSON.stringify(fixture.journal.list().map((record) => record.headers));
      assert.equal(seen.includes(as().token), false, seen);
      for (const name of ['cookie', 'authorization', 'origin']) {
        assert.ok(
          fixture.journal.list().every((record) => record.headers[name] === undefined),
          name,
        );
      }
    },
  },
];
