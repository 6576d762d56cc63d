/** Whatever way an answer ends, it is counted no longer; what was read meanwhile is nobody's fault. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { it, type TestContext } from 'node:test';
import { until } from '../../testing/until.ts';
import { countedAnswers, Unread } from './unread.ts';

const MB = 1024 * 1024;
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const large = Buffer.alloc(16 * MB);

async function answering(t: TestContext, bytes_max: number, answer: (response: ServerResponse) => void) {
  const unread = new Unread(bytes_max);
  const server = createServer({ ServerResponse: countedAnswers(unread) }, (_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const dial = (): Socket =>
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .pause();
  return { unread, dial };
}

it('an answer is counted until it is read, or its connection is gone; also one that stands behind another', async (t) => {
  let asked = 0;
  const { unread, dial } = await answering(t, 1024 * MB, (response) => {
    asked += 1;
    // The third waits for ever, and the fourth behind it.
    if (asked !== 3) response.end(large);
  });
  const reads = dial();
  reads.write(GET);
  await until('it is counted', () => unread.total > 0);
  reads.resume();
  await until('it is read', () => unread.total === 0);
  const leaves = dial();
  leaves.write(GET);
  await until('it is counted', () => unread.total > 0);
  leaves.destroy();
  await until('it is gone', () => unread.total === 0);
  const behind = dial();
  behind.write(GET + GET);
  await until('all of it is counted', () => unread.total >= large.length);
  behind.destroy();
  await until('it is gone', () => unread.total === 0);
});

it('a stream that was behind and has been read is not cut for what others leave unread', async (t) => {
  const { dial } = await answering(t, 40 * MB, (response) => void response.write(large));
  const sockets = [1, 2, 3, 4].map(dial);
  for (const socket of sockets) {
    let heard = 0;
    socket.write(GET);
    socket.on('data', (part) => (heard += part.length)).resume();
    await until('it has heard all', () => heard > large.length);
  }
  assert.deepEqual(
    sockets.map(({ closed }) => closed),
    [false, false, false, false],
  );
  for (const socket of sockets) socket.destroy();
});

it('what is read as fast as it is written is not counted', async (t) => {
  const { unread, dial } = await answering(t, MB, (response) => {
    response.write('small');
    response.end('and small');
  });
  const socket = dial().resume();
  let heard = '';
  socket.setEncoding('latin1').on('data', (text) => (heard += String(text)));
  socket.write(GET);
  await until('it is answered', () => heard.includes('and small'));
  assert.equal(unread.total, 0);
  socket.destroy();
});
