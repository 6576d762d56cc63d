import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { BareAnswers } from './bare.ts';
import { type Process, startProcess } from './processes.ts';

const ROWS = 'SELECT count(*) AS count FROM bare WHERE instr(row, ?1) = 1';

let upstream: Server;
let bare: Process<BareAnswers>;
let db: DatabaseSync | undefined;
let file: string;
let url: string;
let heard: number;

beforeEach(async () => {
  heard = 0;
  upstream = createServer(async (request, response) => {
    heard += 1;
    // Its headers are here, its body may not be.
    const { count } = db?.prepare(ROWS).get(String(request.headers['x-begins'])) ?? {};
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    response.writeHead(201, { 'x-rows': Number(count) });
    response.end(`${request.url} heard ${body}`);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  bare = startProcess('bare.ts', [`http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`]);
  url = await bare.ask('url', undefined);
  file = await bare.ask('file', undefined);
  db = new DatabaseSync(file);
});
afterEach(async () => {
  db?.close();
  await bare.stop();
  await rm(dirname(file), { recursive: true, force: true }); // one that ended by itself leaves it
  upstream.closeAllConnections();
  upstream.close();
});

const call = (begins: string, body: string): Promise<Response> =>
  fetch(url, { method: 'POST', body, headers: { 'x-begins': begins } });

describe('the bare proxy', () => {
  it('passes calls on, whole, once their rows are committed, and the answers back', async () => {
    const all = Array.from({ length: 40 }, (_, n) => {
      const begins = `{"n":${n},`;
      return { begins, body: `${begins}"text":"${'é'.repeat(n * 5000)}"}` };
    });
    const got = await Promise.all(
      all.map(async ({ begins, body }) => {
        const response = await call(begins, body);
        return [response.status, response.headers.get('x-rows'), await response.text()];
      }),
    );
    assert.deepEqual(
      got,
      all.map(({ body }) => [201, '1', `/mcp heard ${body}`]),
    );
  });

  it('passes nothing on that could not be committed: it ends', async () => {
    await call('first', 'first').then((response) => response.text());
    db?.exec('BEGIN IMMEDIATE'); // nobody else writes now
    await assert.rejects(call('second', 'second'));
    assert.equal(heard, 1);
  });
});
