import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Issuer, startIssuer } from '../../../testing/issuer.ts';
import type { IssuerConfig } from '../../config/agents.ts';
import { configSchema } from '../../config/config.ts';
import { COOLDOWN_MS, IssuerKeys, REFRESH_MS, STALE_MAX_MS } from './keys.ts';
import { WorkloadRefusal } from './refusal.ts';
import { KEYS_BYTES_MAX, keySource } from './source.ts';

let issuer: Issuer;
let dir: string;
before(async () => {
  [issuer, dir] = await Promise.all([startIssuer(), mkdtemp(path.join(tmpdir(), 'countersign-keys-'))]);
});
afterEach(() => {
  issuer.answer = undefined;
});
after(async () => {
  await issuer.close();
  await rm(dir, { recursive: true, force: true });
});

function configOf(more: { readonly [key: string]: unknown } = {}): IssuerConfig {
  const rule = { match: { sub: '**' }, agent: 'x:{sub}' };
  const parsed = configSchema.parse({ workload_identity: [{ issuer: issuer.url, agents: [rule], ...more }] });
  return parsed.workload_identity[0] ?? assert.fail();
}
const time = { now: 1_800_000_000_000 };
const lines: string[] = [];
const say = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
const keysOf = (config: IssuerConfig): IssuerKeys =>
  new IssuerKeys({
    issuer: config.issuer,
    source: keySource(config, dir),
    now: () => time.now,
    log: { info: say, warn: say },
  });
const codeOf = async (found: Promise<unknown>) => {
  const error: unknown = await found.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof WorkloadRefusal ? error.code : error;
};
const kid = (): string => issuer.jwks().keys[0]?.kid ?? '';

describe('where keys come from', () => {
  it('its discovery document, a URL, a file, or the configuration itself', async () => {
    const file = path.join(dir, 'bundle.json');
    // A SPIFFE bundle: keys for certificates beside those for tokens.
    const [jwk] = issuer.jwks().keys;
    await writeFile(
      file,
      JSON.stringify({
        keys: [
          { kty: 'EC', use: 'x509-svid' },
          { ...jwk, use: 'jwt-svid' },
        ],
        spiffe_sequence: 1,
      }),
    );
    for (const from of [
      {},
      { jwks_uri: `${issuer.url}/jwks` },
      { jwks_file: 'bundle.json' },
      { jwks: issuer.jwks() },
    ])
      assert.ok(await keysOf(configOf(from)).find(kid(), 'ES256'));
  });

  const bad: readonly (readonly [string, NonNullable<Issuer['answer']>, RegExp])[] = [
    [
      'a redirect',
      () => ({ status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' }),
      /redirects are not followed/,
    ],
    ['an error', () => ({ status: 500, body: 'no' }), /answered 500/],
    ['more than its bound', () => ({ status: 200, body: ' '.repeat(KEYS_BYTES_MAX + 1) }), /./],
    ['no JSON', () => ({ status: 200, body: '<html>' }), /./],
    [
      'keys said twice',
      (url) =>
        url === '/jwks'
          ? { status: 200, body: '{"keys":[],"keys":[]}' }
          : { status: 200, body: JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }) },
      /duplicate/,
    ],
    [
      'a discovery document of somebody else',
      () => ({
        status: 200,
        body: JSON.stringify({ issuer: 'https://evil.example.com', jwks_uri: `${issuer.url}/jwks` }),
      }),
      /another issuer/,
    ],
    [
      'keys over plain http elsewhere',
      () => ({
        status: 200,
        body: JSON.stringify({ issuer: issuer.url, jwks_uri: 'http://keys.example.com/jwks' }),
      }),
      /no https/,
    ],
  ];
  for (const [name, answer, why] of bad)
    it(`A26: ${name}: no keys, said to the operator`, async () => {
      issuer.answer = answer;
      lines.length = 0;
      assert.equal(await codeOf(keysOf(configOf()).find(kid(), 'ES256')), 'keys_unavailable');
      assert.match(lines.join('\n'), why);
    });

  it('keys that could sign, or are for something else, are not used', async () => {
    const [jwk] = issuer.jwks().keys;
    for (const other of [
      { ...jwk, d: 'AAAA' },
      { kty: 'oct', kid: 'k', k: 'AAAA' },
      { ...jwk, use: 'enc' },
      { ...jwk, kid: undefined },
    ]) {
      issuer.answer = (url) => ({
        status: 200,
        body: JSON.stringify(
          url === '/jwks' ? { keys: [other] } : { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` },
        ),
      });
      assert.equal(await codeOf(keysOf(configOf()).find(String(other.kid ?? 'k'), 'ES256')), 'unknown_key');
    }
  });
});

describe('keys held', () => {
  it('one fetch for any number of unknown keys, and no other within the cooldown', async () => {
    const keys = keysOf(configOf({ jwks_uri: `${issuer.url}/jwks` }));
    const first = issuer.fetched();
    await Promise.all(Array.from({ length: 50 }, (_, n) => codeOf(keys.find(`nobody-${n}`, 'ES256'))));
    assert.equal(issuer.fetched(), first + 1);
    await codeOf(keys.find('nobody', 'ES256'));
    assert.equal(issuer.fetched(), first + 1);
    time.now += COOLDOWN_MS;
    await codeOf(keys.find('nobody', 'ES256'));
    assert.equal(issuer.fetched(), first + 2);
    assert.ok(await keys.find(kid(), 'ES256'));
    assert.equal(issuer.fetched(), first + 2, 'a known key asks nobody');
  });

  it('stay while the issuer is away, and not for ever', async () => {
    const keys = keysOf(configOf({ jwks_uri: `${issuer.url}/jwks` }));
    const { material } = await keys.find(kid(), 'ES256');
    issuer.answer = () => ({ status: 503, body: '' });
    time.now += REFRESH_MS;
    await keys.refreshIfDue();
    assert.ok(keys.has(kid(), material));
    time.now += STALE_MAX_MS;
    assert.equal(keys.has(kid(), material), false);
    assert.equal(await codeOf(keys.find(kid(), 'ES256')), 'keys_unavailable');
    issuer.answer = undefined;
    time.now += COOLDOWN_MS;
    assert.ok(await keys.find(kid(), 'ES256'), 'and are back with it');
  });
});
