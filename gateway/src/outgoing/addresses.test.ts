/** What counts as public, and every spelling of what does not (A26). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeFor } from './addresses.ts';

const REFUSED: readonly (readonly [address: string, why: RegExp])[] = [
  ['0.0.0.0', /this host/],
  ['10.0.0.1', /private/],
  ['100.64.0.1', /carrier/],
  ['127.0.0.1', /loopback/],
  ['127.255.255.254', /loopback/],
  ['169.254.1.1', /link-local/],
  ['169.254.169.254', /metadata/],
  ['169.254.170.2', /metadata/],
  ['168.63.129.16', /metadata/],
  ['100.100.100.200', /metadata/],
  ['172.16.0.1', /private/],
  ['172.31.255.255', /private/],
  ['192.0.0.8', /reserved/],
  ['192.168.1.1', /private/],
  ['198.18.0.1', /benchmarking/],
  ['224.0.0.1', /multicast/],
  ['255.255.255.255', /reserved/],
  ['::', /not a public/],
  ['::1', /not a public/],
  ['::127.0.0.1', /not a public/],
  ['::ffff:127.0.0.1', /loopback/],
  ['::ffff:a9fe:a9fe', /metadata/],
  ['0:0:0:0:0:ffff:10.0.0.1', /private/],
  ['64:ff9b::10.0.0.1', /private/],
  ['64:ff9b::a9fe:a9fe', /metadata/],
  ['64:ff9b::', /this host/],
  ['64:ff9b::1', /this host/],
  ['64:ff9b:1::a00:1', /not a public/],
  ['100::1', /not a public/],
  ['2001::1', /tunnelling/],
  ['2001:db8::1', /documentation/],
  ['2002:7f00:1::', /6to4/],
  ['2002:0808:0808::', /6to4/],
  ['3fff::1', /documentation/],
  ['5f00::1', /not a public/],
  ['fc00::1', /not a public/],
  ['fd00:ec2::254', /metadata/],
  ['fe80::1', /not a public/],
  ['fe80::1%eth0', /no address/],
  ['ff02::1', /not a public/],
  ['', /no address/],
  ['example.com', /no address/],
  ['127.1', /no address/],
];

test('an address that is not certainly public is refused, with what it is', () => {
  const judge = judgeFor([]);
  for (const [address, why] of REFUSED) {
    const judged = judge(address, true);
    assert.equal(judged.ok, false, address);
    assert.match(judged.why, why, address);
  }
});

test('public addresses take https, and nothing else', () => {
  const judge = judgeFor([]);
  for (const address of [
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '64:ff9b::808:808',
    '::ffff:8.8.8.8',
  ]) {
    assert.deepEqual(judge(address, true), { ok: true }, address);
    assert.equal(judge(address, false).ok, false, address);
  }
});

test('what is allowed by name is reached in clear too; a metadata address never is', () => {
  const judge = judgeFor(['10.1.0.0/16', '127.0.0.1', 'fd12::/16', '169.254.0.0/16', 'fd00:ec2::/32']);
  for (const address of ['10.1.2.3', '127.0.0.1', '::ffff:10.1.2.3', 'fd12::5', '64:ff9b::10.1.2.3'])
    assert.deepEqual(judge(address, false), { ok: true }, address);
  for (const address of [
    '10.2.0.1',
    '127.0.0.2',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fd00:ec2::254',
  ])
    assert.equal(judge(address, true).ok, false, address);
});

test('an IPv4 address is judged alike in each of its IPv6 clothes', () => {
  const judge = judgeFor(['10.9.0.0/16']);
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), fc.boolean(), ([a, b, c, d], secure) => {
      const plain = judge(`${a}.${b}.${c}.${d}`, secure);
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      for (const clothes of [
        `::ffff:${a}.${b}.${c}.${d}`,
        `::ffff:${hex}`,
        `64:ff9b::${hex}`,
        `64:ff9b:0:0:0:0:${hex}`,
      ])
        assert.deepEqual(judge(clothes, secure), plain, clothes);
    }),
  );
});
