import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ownPath } from './flow.ts';
import { createSeal } from './seal.ts';

describe('where a browser goes back to', () => {
  const rows: readonly [given: string | undefined, want: string][] = [
    [undefined, '/sign-in'],
    ['/requests/req_01', '/requests/req_01'],
    ['/sign-in?x=1', '/sign-in?x=1'],
    ['/history?text=%22refund%22&since=7d', '/history?text=%22refund%22&since=7d'],
    ['/?to=//evil.example.com', '/?to=//evil.example.com'],
    ['/history?a=b#c', '/sign-in'],
    ['/history?a=\r\nset-cookie: x=y', '/sign-in'],
    ['//evil.example.com', '/sign-in'],
    ['/\\evil.example.com', '/sign-in'],
    ['https://evil.example.com/', '/sign-in'],
    ['javascript:alert(1)', '/sign-in'],
    ['/a\r\nset-cookie: x=y', '/sign-in'],
    ['/%2f%2fevil', '/sign-in'],
    ['/..//evil.example.com/requests', '/sign-in'],
    ['/.//evil.example.com', '/sign-in'],
    ['/requests/..//evil.example.com', '/sign-in'],
    ['/requests/../delegations', '/delegations'],
    [`/${'a'.repeat(600)}`, '/sign-in'],
  ];
  for (const [given, want] of rows)
    it(`${JSON.stringify(given)?.slice(0, 40)}: ${want}`, () => assert.equal(ownPath(given), want));

  const steps = fc.array(
    fc.constantFrom('/', '//', '.', '..', 'evil.example.com', '?', '\\', '%2f', ':', '@'),
  );
  it('A16: is never another site, whatever is given', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.webPath(),
          steps.map((all) => `/${all.join('')}`),
        ),
        (given) => {
          assert.equal(new URL(ownPath(given), 'https://own.example').origin, 'https://own.example');
        },
      ),
    ));
});

describe('what rests sealed', () => {
  const seal = createSeal(new Uint8Array(32).fill(1));
  const tokens = { refresh_token: 'r', id_token: 'i', sub: 's' };

  it('opens for its account and installation, and says nothing by itself', () => {
    const sealed = seal.seal(tokens, 'oidc:a#s');
    assert.deepEqual(seal.open(sealed, 'oidc:a#s'), tokens);
    assert.notEqual(seal.seal(tokens, 'oidc:a#s'), sealed);
    assert.equal(seal.open(sealed, 'oidc:a#other'), undefined);
    assert.equal(createSeal(new Uint8Array(32).fill(2)).open(sealed, 'oidc:a#s'), undefined);
  });

  it('does not open changed, cut or made up', () =>
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const octets = Buffer.from(seal.seal(tokens, 'a'), 'base64url');
        const place = at % octets.length;
        octets[place] = (octets[place] ?? 0) ^ change;
        assert.equal(seal.open(octets.toString('base64url'), 'a'), undefined);
        assert.equal(seal.open(octets.subarray(0, place).toString('base64url'), 'a'), undefined);
      }),
    ));
});
