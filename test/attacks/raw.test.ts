/** A21 at the socket: whatever stands on the request line or in a header, the gateway answers or hangs up, and lives on. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { it } from 'node:test';
import { openYard } from '../gateway/yard.ts';

const TARGETS = [
  '/',
  '//',
  '///x',
  '//[',
  '/\\',
  '/\\\\evil.example/',
  '*',
  '?',
  '/?',
  '/#',
  '/%',
  '/%zz',
  '/%ff',
  '/%00',
  '/..%2f..%2fetc/passwd',
  '/mcp',
  '/mcp/',
  '/mcp//',
  '/mcp/%',
  '/mcp/%ff',
  '/mcp/..',
  '/mcp/__proto__',
  '/mcp/constructor',
  '/mcp/tools/',
  '/mcp/tools?x=%',
  '/log/',
  '/log/../keys/log.pem',
  '/log/%2e%2e/keys/log.pem',
  '/log/tile/0/x',
  '/log/tile/0/-1',
  '/log/tile/entries/x001/000.p/0',
  '/api/requests/%',
  '/api/requests/__proto__',
  '/api/log/entries?cursor=%ff',
  '/api/events',
  '/access/v1/requests/%E0%A4%A',
  '/.well-known/oauth-protected-resource/mcp/%',
  '/jwks.json/..',
  '/health/live/%',
  '/sign-in/%',
  'http://evil.example/api/me',
  'http://[/',
  'https://[::1',
  'evil.example:443',
  `/${'a'.repeat(8_000)}`,
];
const HOSTS = [
  'localhost',
  '',
  '[',
  '[::1',
  'a b',
  'evil.example',
  'localhost:99999',
  '\u0001',
  'localhost@evil.example',
];

it('A21: no request line and no header brings the gateway down', async () => {
  const yard = await openYard();
  try {
    const { hostname, port } = new URL(yard.house.gateway.url);
    const send = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), hostname);
        let heard = '';
        socket.setTimeout(5_000, () => socket.destroy());
        socket.on('data', (part) => {
          heard += part.toString('latin1');
        });
        socket.on('error', () => undefined); // hung up on: that is an answer too
        socket.on('close', () => resolve(heard));
        socket.end(text);
      });
    const bearer = `Authorization: Bearer ${yard.key}\r\n`;
    const asked: string[] = [];
    for (const target of TARGETS) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND'])
        asked.push(
          `${method} ${target} HTTP/1.1\r\nHost: localhost:${port}\r\n${bearer}Connection: close\r\nContent-Length: 0\r\n\r\n`,
        );
    }
    for (const host of HOSTS) {
      for (const target of ['/api/me', '/mcp/tools'])
        asked.push(
          `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${bearer}Connection: close\r\nContent-Length: 2\r\n\r\n{}`,
        );
    }
    for (const headers of [
      'Content-Length: -1',
      'Content-Length: 1\r\nContent-Length: 2',
      'Transfer-Encoding: chunked\r\nContent-Length: 3',
      'Expect: 100-continue',
      'Upgrade: websocket\r\nConnection: Upgrade',
      'Origin: null',
      'Origin: [',
      'Cookie: =; a; countersign',
      'Content-Type: ;',
      'Accept: ;;q=',
      'Authorization: Bearer',
      'Authorization: \u00ff',
      `X: ${'y'.repeat(20_000)}`,
      'Mcp-Session-Id: %',
      'Last-Event-ID: \u0001',
      'Idempotency-Key: \u00ff',
      'If-None-Match: "',
      'MCP-Protocol-Version: __proto__',
      'Mcp-Name: =?base64?=?=',
      'Content-Encoding: gzip',
    ]) {
      for (const target of ['/api/sign-in', '/mcp/tools', '/access/v1/evaluation'])
        asked.push(
          `POST ${target} HTTP/1.1\r\nHost: localhost:${port}\r\n${headers}\r\nConnection: close\r\n\r\n`,
        );
    }
    const answers = await Promise.all(asked.map(send));
    const answered = answers.filter((answer) => /^HTTP\/1\.1 [1-4]\d\d/.test(answer)).length;
    assert.ok(answered > 0.9 * asked.length, `only ${answered} of ${asked.length} were answered`);
    for (const [n, answer] of answers.entries()) {
      assert.doesNotMatch(answer, /^HTTP\/1.1 500/, (asked[n] ?? '').slice(0, 200));
      assert.doesNotMatch(answer, /PRIVATE KEY|\n\s+at .+\.ts:\d+/, (asked[n] ?? '').slice(0, 200));
    }
    assert.equal((await fetch(`${yard.house.gateway.url}/health/live`)).status, 200);
    assert.deepEqual(
      yard.log.filter((line) => line.startsWith('error')),
      [],
    );
  } finally {
    await yard.close();
  }
});
