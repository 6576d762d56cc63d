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
  ['169.254.0.23', /metadata/], // Tencent
  ['169.254.42.42', /metadata/], // Scaleway
  ['169.254.170.23', /metadata/], // AWS, pods
  ['169.254.169.254', /metadata/],
  ['169.254.170.2', /metadata/],
  ['168.63.129.16', /metadata/],
  ['100.100.100.200', /metadata/],
  ['172.16.0.1', /private/],
  ['172.31.255.255', /private/],
  ['192.0.0.8', /reserved/],
  ['192.0.0.170', /reserved/], // NAT64 discovery
  ['192.0.0.192', /metadata/], // Oracle
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
  ['fd00:ec2::23', /metadata/],
  ['fd20:ce::254', /metadata/], // Google
  ['fd00:c1::a9fe:a9fe', /metadata/], // Oracle
  ['fd00:42::42', /metadata/], // Scaleway
  ['fe80::1', /metadata/],
  ['fe80::a9fe:a9fe', /metadata/],
  // IPv4 in what a translator or a tunnel takes for it.
  ['::a9fe:a9fe', /metadata/],
  ['64:ff9b::6464:64c8', /metadata/], // Alibaba
  ['64:ff9b:1::a9fe:a9fe', /metadata/],
  ['64:ff9b:1:a9fe:a9:fe00::', /metadata/],
  ['64:ff9b:1:a9:fe:a9fe::', /metadata/],
  ['64:ff9b:1:0:a9:fea9:fe00:0', /metadata/],
  ['2002:a9fe:a9fe::1', /metadata/],
  ['2001:0:a9fe:a9fe::1', /metadata/],
  ['2001::5601:5601', /metadata/],
  ['2a01:4f8:64::a9fe:a9fe', /metadata/],
  ['2a01:4f8:64::10.1.2.3', /may lead to 10\.1\.2\.3, a private/],
  ['2a01:4f8::5efe:10.1.2.3', /may lead to 10\.1\.2\.3, a private/],
  ['2a01:4f8::200:5efe:10.1.2.3', /may lead to 10\.1\.2\.3, a private/],
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
    '2001:4860:4860::8888',
    '2a01:4f8:1:2:3:4:a9fe:a9fe',
    '2a01:4f8:64::8.8.8.8',
    '64:ff9b::808:808',
    '::ffff:8.8.8.8',
  ]) {
    assert.deepEqual(judge(address, true), { ok: true }, address);
    assert.equal(judge(address, false).ok, false, address);
  }
});

test('what is allowed by name is reached in clear too; a metadata address never is', () => {
  const judge = judgeFor([
    '10.1.0.0/16',
    '127.0.0.1',
    'fd12::/16',
    '169.254.0.0/16',
    '100.64.0.0/10',
    '192.0.0.0/24',
    'fd00::/8',
    'fe80::/10',
    '64:ff9b:1::/48',
    '2001::/23',
    '2002::/16',
  ]);
  for (const address of ['10.1.2.3', '127.0.0.1', '::ffff:10.1.2.3', 'fd12::5', '64:ff9b::10.1.2.3'])
    assert.deepEqual(judge(address, false), { ok: true }, address);
  for (const address of [
    '10.2.0.1',
    '127.0.0.2',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '169.254.0.23',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fe80::1',
    '64:ff9b:1::a9fe:a9fe',
    '64:ff9b:1:a9fe:a9:fe00::',
    '64:ff9b:1::192.0.0.192',
    '2002:a9fe:a9fe::1',
    '2001:0:a9fe:a9fe::1',
    '2001::5601:5601',
    'fd12::169.254.169.254',
  ])
    assert.equal(judge(address, true).ok, false, address);
  for (const address of ['64:ff9b:1::10.2.0.1', '2002:808:808::1', 'fd12::10.2.0.1', '100.64.0.1'])
    assert.deepEqual(judge(address, false), { ok: true }, address);
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
