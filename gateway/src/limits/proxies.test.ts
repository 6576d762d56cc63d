/** A21: whoever calls through a trusted proxy is who it says, and nobody is whom they say themselves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readNetwork, trustOf } from './proxies.ts';

const PROXY = '10.0.0.1';
const OUTER = '10.0.0.2';
const CALLER = '203.0.113.7';
const FORGED = '198.51.100.66';
const trust = trustOf(['10.0.0.0/24', 'fd00::/8', '192.0.2.1']);
const ask = (socket: string, headers: { readonly [name: string]: string } = {}): string =>
  trust.callerOf(socket, { get: (name) => headers[name] ?? null });

describe('who is calling', () => {
  const xff = (value: string) => ({ 'x-forwarded-for': value });
  const fwd = (value: string) => ({ forwarded: value });
  const rows: readonly (readonly [string, string, { readonly [name: string]: string }, string])[] = [
    ['nobody trusted said anything', CALLER, {}, CALLER],
    ['somebody who is not trusted says something', CALLER, xff(FORGED), CALLER],
    ['or says it the other way', CALLER, fwd(`for=${FORGED}`), CALLER],
    ['a proxy says it', PROXY, xff(CALLER), CALLER],
    ['a proxy on an IPv6 socket says it', `::ffff:${PROXY}`, xff(CALLER), CALLER],
    ['a proxy alone, trusted by its address', '192.0.2.1', xff(CALLER), CALLER],
    ['its neighbour is not trusted', '192.0.2.2', xff(CALLER), '192.0.2.2'],
    ['a proxy behind IPv6', 'fd12::1', xff('2001:db8::7'), '2001:db8::7'],
    ['a proxy says nothing', PROXY, {}, PROXY],
    ['the caller wrote one first', PROXY, xff(`${FORGED}, ${CALLER}`), CALLER],
    ['the caller wrote a trusted one first', PROXY, xff(`${OUTER}, ${CALLER}`), CALLER],
    ['two proxies', PROXY, xff(`${FORGED}, ${CALLER}, ${OUTER}`), CALLER],
    ['only proxies', PROXY, xff(`${OUTER}, ${PROXY}`), OUTER],
    ['with a port', PROXY, xff(`${CALLER}:4711`), CALLER],
    ['IPv6 with a port', PROXY, xff('[2001:db8::7]:4711'), '2001:db8::7'],
    ['IPv4 in IPv6', PROXY, xff(`::ffff:${CALLER}`), CALLER],
    ['no address', PROXY, xff('unknown'), PROXY],
    ['no address beyond an outer proxy', PROXY, xff(`${FORGED}, unknown, ${OUTER}`), OUTER],
    ['nothing', PROXY, xff(''), PROXY],
    ['an empty last hop', PROXY, xff(`${FORGED},`), PROXY],
    ['a name', PROXY, xff('localhost'), PROXY],
    ['an address with a zone', PROXY, xff('fe80::1%eth0'), PROXY],
    ['an IPv4 address in brackets', PROXY, xff(`[${CALLER}]`), PROXY],
    ['octets over 255', PROXY, xff('203.0.113.999'), PROXY],
    ['octets in octal', PROXY, xff('203.0.113.007'), PROXY],
    ['Forwarded', PROXY, fwd(`for=${CALLER};proto=https;by=${PROXY}`), CALLER],
    ['Forwarded, quoted', PROXY, fwd('for="[2001:db8::7]:4711"'), '2001:db8::7'],
    ['Forwarded, in capitals', PROXY, fwd(`For=${CALLER}`), CALLER],
    ['Forwarded: the caller wrote one first', PROXY, fwd(`for=${FORGED}, for=${CALLER}`), CALLER],
    ['Forwarded: a comma in quotes', PROXY, fwd(`host="a, for=${FORGED}";for=${CALLER}`), CALLER],
    ['Forwarded: a quote that does not end', PROXY, fwd(`for=${FORGED};host="a, for=${CALLER}`), PROXY],
    ['Forwarded: said twice', PROXY, fwd(`for=${FORGED};for=${CALLER}`), PROXY],
    ['Forwarded: hidden', PROXY, fwd('for=_hidden'), PROXY],
    ['Forwarded: no pair', PROXY, fwd(CALLER), PROXY],
    ['Forwarded: without for', PROXY, fwd('proto=https'), PROXY],
    ['both say the same', PROXY, { ...xff(CALLER), ...fwd(`for=${CALLER}`) }, CALLER],
    ['one is the caller’s own', PROXY, { ...xff(CALLER), ...fwd(`for=${FORGED}`) }, PROXY],
    ['or the other', PROXY, { ...xff(FORGED), ...fwd(`for=${CALLER}`) }, PROXY],
    ['a socket without an address', 'unknown', xff(FORGED), 'unknown'],
  ];
  for (const [what, socket, headers, want] of rows)
    it(`${what}: ${want}`, () => assert.equal(ask(socket, headers), want));

  it('without trusted proxies no header is looked at', () =>
    assert.equal(trustOf([]).callerOf(PROXY, { get: () => assert.fail('looked') }), PROXY));

  it('more hops than anybody has are not followed', () => {
    const many = [FORGED, ...Array.from({ length: 40 }, () => OUTER)].join(',');
    assert.equal(ask(PROXY, xff(many)), OUTER);
  });

  it('whatever a caller writes, the address is theirs or their proxy’s, and it takes no time', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (own, other) => {
        // What a proxy does: it adds whom it heard from, and leaves the rest.
        assert.equal(ask(PROXY, xff(`${own}, ${CALLER}`)), CALLER);
        const both = { ...xff(`${own}, ${CALLER}`), ...fwd(other) };
        assert.ok([CALLER, PROXY].includes(ask(PROXY, both)));
      }),
    ));
});

describe('a network as it is written', () => {
  const good = ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/1', '::1', 'fd00::/8', '2001:db8::/128', '10.0.0.0/32'];
  const bad = [
    '',
    'proxy',
    '10.0.0.1/',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '10.0.0.0/08',
  ];
  for (const text of good) it(`${text} is one`, () => assert.notEqual(readNetwork(text), undefined));
  for (const text of [...bad, '10.0.0.0/8/8', 'fe80::1%eth0', '10.0.0.0/-1', ' 10.0.0.1', '*'])
    it(`${JSON.stringify(text)} is none`, () => {
      assert.equal(readNetwork(text), undefined);
      assert.throws(() => trustOf([text]), TypeError);
    });
});
