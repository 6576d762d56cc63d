import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passkeySite } from './site.ts';

describe('the name passkeys are made for', () => {
  for (const [public_url, rp_id, origin] of [
    ['https://gate.example.com', 'gate.example.com', 'https://gate.example.com'],
    ['https://gate.example.com:8443/', 'gate.example.com', 'https://gate.example.com:8443'],
    ['http://localhost:7070', 'localhost', 'http://localhost:7070'],
    ['http://gate.localhost:7070', 'gate.localhost', 'http://gate.localhost:7070'],
  ] as const)
    it(`is ${rp_id} at ${public_url}`, () =>
      assert.deepEqual(passkeySite(public_url), { ok: true, rp_id, origin }));

  for (const [public_url, why] of [
    ['http://127.0.0.1:7070', /an address \(127\.0\.0\.1\)/],
    ['https://10.0.0.7', /an address/],
    ['https://[::1]:7070', /an address/],
    ['https://0x7f.1', /an address/],
    ['http://gate.example.com', /not https/],
    ['http://localhost.example.com', /not https/],
  ] as const)
    it(`is none at ${public_url}, and it says why`, () => {
      const site = passkeySite(public_url);
      assert.ok(!site.ok);
      assert.match(site.why, why);
    });
});
