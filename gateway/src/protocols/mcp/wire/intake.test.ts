import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { checkAccepts, checkPlace, placeOf, readBody } from './intake.ts';

const http = (headers: Record<string, string> = {}): IncomingMessage & PassThrough =>
  Object.assign(new PassThrough(), { headers }) as unknown as IncomingMessage & PassThrough;
const limits = { bytes_max: 10, timeout_ms: 60_000 };

describe('a body', () => {
  it('is read whole, in any number of parts', async () => {
    const [one, none, many] = [http(), http(), http()];
    one.end('abc');
    none.end();
    many.write('ab');
    many.end('cd');
    assert.equal(String(await readBody(one, limits)), 'abc');
    assert.equal(String(await readBody(none, limits)), '');
    assert.equal(String(await readBody(many, limits)), 'abcd');
  });

  it('leaves nothing of itself on the request, and an error that comes later harms nobody', async () => {
    const [whole, other] = [http(), http()];
    whole.end('abc');
    other.end('xyz');
    const body = await readBody(whole, limits);
    await readBody(other, limits);
    const kept = Object.getOwnPropertySymbols(whole).map((symbol) => Reflect.get(whole, symbol));
    assert.ok(!kept.some((value) => inspect(value).includes(inspect(body))));
    // What listens on is of no request: the same functions for all.
    for (const event of ['data', 'end', 'aborted'])
      assert.deepEqual(whole.listeners(event), other.listeners(event), event);
    whole.emit('error', new Error('the connection broke'));
    whole.emit('data', Buffer.from('late'));
  });

  it('A21: is refused when too large, by its word or by its bytes', async () => {
    await assert.rejects(readBody(http({ 'content-length': '11' }), limits), { status: 413 });
    const more = http();
    more.write('0123456789');
    more.write('x');
    await assert.rejects(readBody(more, limits), { status: 413 });
  });

  it('A21: is given up when it does not come in time, or breaks off', async () => {
    await assert.rejects(readBody(http(), { ...limits, timeout_ms: 1 }), { status: 408 });
    const broken = http();
    const reading = readBody(broken, limits);
    broken.emit('aborted');
    await assert.rejects(reading, { status: 400 });
  });
});

describe('where a request comes from', () => {
  const place = placeOf('https://gate.example.com');
  const cases: readonly [string, Record<string, string>, boolean][] = [
    ['loopback by name', { host: 'localhost:7070' }, true],
    ['loopback by number', { host: '127.0.0.1:7070' }, true],
    ['loopback of version 6', { host: '[::1]:7070' }, true],
    ['the public address', { host: 'gate.example.com', origin: 'https://gate.example.com' }, true],
    ['a page of this machine', { host: 'localhost', origin: 'http://localhost:5173' }, true],
    ['no Host', {}, false],
    ['another name', { host: 'evil.example' }, false],
    ['a name that begins like it', { host: 'localhost.evil.example' }, false],
    ['another origin', { host: 'localhost', origin: 'https://evil.example' }, false],
    ['the right name, unencrypted', { host: 'localhost', origin: 'http://gate.example.com' }, false],
    ['no origin to name', { host: 'localhost', origin: 'null' }, false],
    ['an origin of another kind', { host: 'localhost', origin: 'chrome-extension://localhost' }, false],
  ];
  for (const [name, headers, passes] of cases) {
    it(name, () => {
      const check = (): void => checkPlace(http(headers), place);
      if (passes) check();
      else assert.throws(check, { status: 403 });
    });
  }
});

it('what a caller accepts is a list with wildcards and parameters', () => {
  const both = ['application/json', 'text/event-stream'];
  for (const accept of [
    'application/json, text/event-stream',
    '*/*',
    'application/*;q=0.9, text/event-stream;q=0.1',
  ])
    checkAccepts(http({ accept }), both);
  for (const accept of ['', 'application/json', 'text/html'])
    assert.throws(() => checkAccepts(http({ accept }), both), { status: 406 });
});
