import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { networkOf } from './network.ts';
import { createRateLimit } from './rate.ts';

const table: readonly (readonly [address: string, network: string])[] = [
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
];
for (const [address, network] of table)
  it(`${address} is of ${network}`, () => assert.equal(networkOf(address), network));

it('an address is of the network its first 64 bits say, in whichever way it is written', () =>
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const again = new URL(`http://[${address}]`).hostname.slice(1, -1);
      const mapped = /^::ffff:/i.test(again);
      if (!mapped) assert.equal(networkOf(again), networkOf(address));
    }),
  ));

it('A21: who changes address within their network is one caller to a limit', () => {
  const limit = createRateLimit({ burst: 3, per_second: 1, keys_max: 100 }, () => 0);
  const waits = Array.from({ length: 5 }, (_, n) => limit.take(networkOf(`2001:db8:1:2::${n + 1}`)));
  assert.deepEqual(
    waits.map((wait) => wait > 0),
    [false, false, false, true, true],
  );
  assert.equal(limit.take(networkOf('2001:db8:1:3::1')), 0, 'another network');
});
