/** What is not known to be Slack's yet takes a bounded part of the gateway (A21). */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, it } from 'node:test';
import { eventually } from '../../../../testing/until.ts';
import { createHandler, READING_MAX } from './http.ts';

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

it('reads only so many bodies at once, and others again when those have gone', async () => {
  let reading = 0;
  const handle = createHandler({
    verify: () => ({ ok: false, why: 'unsigned' }),
    accepts: () => true,
    take: () => assert.fail('nothing was Slack’s'),
    refused: () => undefined,
  });
  server = createServer((request, response) => {
    reading += 1;
    handle(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (let nth = 0; nth < READING_MAX; nth += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    socket.write('POST /channels/slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
  }
  await eventually(
    () => `${reading} are read`,
    async () => (reading === READING_MAX ? true : undefined),
  );
  const ask = async () =>
    (await fetch(`http://127.0.0.1:${port}/channels/slack/events`, { method: 'POST', body: 'x' })).status;
  assert.equal(await ask(), 503);
  for (const socket of sockets.splice(0)) socket.destroy();
  await eventually(
    () => 'there is room again',
    async () => ((await ask()) === 401 ? true : undefined),
  );
});
