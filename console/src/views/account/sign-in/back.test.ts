// After signing in people come back to where they wanted to be, and are never sent to another site (A16).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownPath } from './back.ts';

const CASES: readonly (readonly [given: string | undefined, want: string])[] = [
  [undefined, '/'],
  ['', '/'],
  ['/', '/'],
  ['/requests/req_01', '/requests/req_01'],
  ['/history?agent=release-bot&text=%22a%22#row', '/history?agent=release-bot&text=%22a%22#row'],
  ['/sign-in', '/'],
  ['/sign-in?to=/sign-in', '/'],
  ['//evil.example.com', '/'],
  ['/\\evil.example.com', '/'],
  ['/\t/evil.example.com', '/'],
  ['/..//evil.example.com', '/'],
  ['/.//evil.example.com', '/'],
  ['https://evil.example.com/', '/'],
  ['javascript:alert(1)', '/'],
  ['history', '/'],
];

describe('where somebody comes back to', () => {
  for (const [given, want] of CASES)
    it(`${given ?? 'nothing'} → ${want}`, () => assert.equal(ownPath(given), want));
});
