/** Sign-in behind a proxy: limited by who is calling, as a trusted proxy says it, and as nobody else does (A21). */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { openYard, type Yard } from './yard.ts';

let yard: Yard;
before(async () => {
  yard = await openYard();
});
after(() => yard.close());

/** Somebody tries a code that is none; answers how it went. */
async function attempt(forwarded?: string): Promise<number> {
  const { url } = yard.house.gateway;
  const response = await fetch(`${url}/api/sign-in`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
    },
    body: JSON.stringify({ code: 'none', kind: 'cli' }),
  });
  await response.text();
  return response.status;
}
/** As often as it takes to be limited, at most so many times. */
async function untilLimited(forwarded: (n: number) => string): Promise<number> {
  for (let n = 0; n < 40; n += 1) if ((await attempt(forwarded(n))) === 429) return n;
  return 40;
}

it('nobody is trusted unless named: another address in every request is one caller all the same', async () => {
  assert.ok((await untilLimited((n) => `203.0.113.${n}`)) <= 11);
});

it('behind a trusted proxy each caller has a limit of their own, and cannot write themselves another', async () => {
  await yard.restart(() =>
    yard.editConfig((text) =>
      text.replace(/listen: \{ (http: [^ ]+) \}/, 'listen: { $1, trusted_proxies: [127.0.0.0/8] }'),
    ),
  );
  assert.ok((await untilLimited((n) => `198.51.100.${n}, 203.0.113.7`)) <= 11);
  assert.equal(await attempt('203.0.113.8'), 403, 'another caller is not held up');
  assert.equal(await attempt('203.0.113.7, 203.0.113.9'), 403);
});

it('a configuration that trusts everybody, or nobody that can be told, does not load', async () => {
  for (const bad of ['0.0.0.0/0', 'proxy.example.com', '10.0.0.0/40']) {
    const before = yard.house;
    await assert.rejects(
      yard.restart(() =>
        yard.editConfig((text) => text.replace(/trusted_proxies: \[[^\]]*\]/, `trusted_proxies: ["${bad}"]`)),
      ),
      /listen\.trusted_proxies.*must be the address of a proxy or its network/s,
    );
    assert.equal(yard.house, before);
  }
  await yard.editConfig((text) => text.replace(/, trusted_proxies: \[[^\]]*\]/, ''));
  await yard.restart();
});
