import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSpelledAlike, readAccount } from './account.ts';

const ISSUER = 'https://idp.example.com';

describe('an account as somebody writes it', () => {
  const good: readonly (readonly [text: string, account: string, kind: string, value: string])[] = [
    ['slack:U024BE7LH', 'slack:u024be7lh', 'slack', 'u024be7lh'],
    ['teams:29:1XJKJMvc5GBtc2', 'teams:29:1xjkjmvc5gbtc2', 'teams', '29:1xjkjmvc5gbtc2'],
    ['ann@Example.com', 'email:ann@example.com', 'email', 'ann@example.com'],
    ['email:ann@example.com', 'email:ann@example.com', 'email', 'ann@example.com'],
    [`oidc:${ISSUER}#Ann`, `oidc:${ISSUER}#Ann`, 'oidc', `${ISSUER}#Ann`],
  ];
  for (const [text, account, kind, value] of good)
    it(`${text} is taken`, () => assert.deepEqual(readAccount(text, [ISSUER]), { account, kind, value }));

  const bad: readonly (readonly [text: string, says: RegExp])[] = [
    ['', /ASCII/],
    ['bob', /write its kind/],
    ['usr_01jd', /write its kind/],
    ['slack:', /write its kind/],
    [':U1', /write its kind/],
    ['Slack:U1', /write its kind/],
    ['slack:U1 or U2', /without spaces/],
    ['slack:U1\n', /without spaces/],
    ['slack:U\u200b1', /without spaces/],
    ['slack:\u0410nn', /without spaces/],
    ['scim:corp#1', /no kind of account/],
    ['group:dba', /no kind of account/],
    ['role:operator', /no kind of account/],
    ['person:bob', /no kind of account/],
    ['countersign:operations', /no kind of account/],
    ['https://idp.example.com#ann', /no kind of account/],
    ['email:ann', /no e-mail address/],
    ['email:ann@b@c.example', /no e-mail address/],
    [`oidc:${ISSUER}`, /must be oidc:/],
    [`oidc:${ISSUER}#`, /must be oidc:/],
    [`oidc:${ISSUER}/#ann`, /the issuer is spelled https:\/\/idp\.example\.com$/],
    [`slack:${'U'.repeat(400)}`, /at most 320/],
  ];
  for (const [text, says] of bad)
    it(`${JSON.stringify(text).slice(0, 40)} is refused`, () => {
      const read = readAccount(text, [ISSUER]);
      assert.equal(typeof read, 'string', JSON.stringify(read));
      assert.match(String(read), says);
      assert.match(String(read), /^account: /);
    });

  it('tells two spellings of one account', () => {
    assert.ok(isSpelledAlike('email:ann@example.com', 'Ann@example.com'));
    assert.ok(isSpelledAlike(`oidc:${ISSUER}/#ann`, `oidc:${ISSUER}#ann`));
    assert.ok(!isSpelledAlike(`oidc:${ISSUER}#Ann`, `oidc:${ISSUER}#ann`));
  });
});
