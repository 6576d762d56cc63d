/** The guard over TLS: the name is what the certificate is checked for, the judged address is what is connected to (A26). */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Lookup } from '../../gateway/src/outgoing/names.ts';
import { createOutgoing } from '../../gateway/src/outgoing/outgoing.ts';
import { selfSigned } from '../mail/certificate.ts';

const { key, cert } = selfSigned();
let heard = 0;
const server = createServer({ key, cert }, (_, response) => {
  heard += 1;
  response.writeHead(204).end();
});
before(() => new Promise<void>((done) => void server.listen(0, '127.0.0.1', done)));
after(() => {
  server.closeAllConnections();
  server.close();
});

const at =
  (address: string): Lookup =>
  (_, done) =>
    done(null, [{ address, family: 4 }]);
const post = async (name: string, { ca = cert, allow = ['127.0.0.1'] } = {}) => {
  const way = createOutgoing({
    allow_networks: allow,
    lookup: at('127.0.0.1'),
    ...(ca === '' ? {} : { ca }),
  });
  const { port } = server.address() as AddressInfo;
  const answered = await way.post({ url: `https://${name}:${port}/`, headers: {}, body: '{}' });
  await way.close();
  return answered;
};

test('a certificate for the name, from an authority that counts, is taken', async () => {
  assert.deepEqual(await post('localhost'), { kind: 'answered', status: 204 });
});

test('one for another name, or from nobody, is not; nothing is told', async () => {
  const before = heard;
  assert.deepEqual(await post('hooks.test'), { kind: 'failed', why: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  assert.equal((await post('localhost', { ca: '' })).kind, 'failed');
  assert.equal(heard, before);
});

test('a good certificate opens no place inside', async () => {
  const before = heard;
  assert.deepEqual(await post('localhost', { allow: [] }), {
    kind: 'forbidden',
    why: 'localhost is at 127.0.0.1, a loopback address',
  });
  assert.equal(heard, before);
});
