/**
 * What it costs to know who is calling: a workload token that was verified before, through the gateway's own door, rate
 * limit and all, beside verifying it anew each time, which is what one writes first.
 * Run: npm run bench identity
 */
import type { JsonObject } from '@countersign/core';
import type { AccessAdmission, AdmitAccess } from '../gateway/src/api/access/access.ts';
import { type Config, configSchema } from '../gateway/src/config/config.ts';
import { createAdmit } from '../gateway/src/enforce/admit.ts';
import { createTokenDoor } from '../gateway/src/enforce/token-door.ts';
import { hashCredential, makeCredential } from '../gateway/src/identity/credential.ts';
import { createProofs } from '../gateway/src/identity/workload/proofs.ts';
import { keySource } from '../gateway/src/identity/workload/source.ts';
import { createTokens } from '../gateway/src/identity/workload/tokens.ts';
import { githubClaims, type Issuer, startIssuer } from '../gateway/testing/issuer.ts';
import { CONFIG, createRig, policyOf } from '../gateway/testing/rig.ts';
import { type Bench, median, runAlone, shown } from './goals.ts';

const TOKENS = 1_000;
const KEY = makeCredential('agent');

function configOf(issuer: Issuer): Config {
  const calls_per_minute = 6_000_000;
  const rule = {
    match: { repository: 'acme/*' },
    agent: 'github:{repository}',
    owner: 'alice',
    calls_per_minute,
  };
  return configSchema.parse({
    ...CONFIG,
    public_url: 'https://gate.example.com',
    agents: { coder: { owner: 'alice', keys: [hashCredential(KEY)], calls_per_minute } },
    workload_identity: [{ issuer: issuer.url, jwks: issuer.jwks(), agents: [rule] }],
  });
}

const admitted = (admission: AccessAdmission): void => {
  if (!admission.admitted) throw new Error(admission.reason);
};

/** Median of rounds, in microseconds a credential. */
async function cost(admit: AdmitAccess, credentials: readonly string[], rounds: number): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    for (const each of credentials) {
      const admission = admit(each);
      admitted(admission instanceof Promise ? await admission : admission);
    }
    took.push(((performance.now() - start) * 1000) / credentials.length);
  }
  return median(took);
}

export const bench: Bench = async ({ quick }) => {
  const issuer = await startIssuer('RS256');
  const config = configOf(issuer);
  const rig = await createRig(policyOf({}), { config });
  const door = (): AdmitAccess => {
    const tokens = createTokens({
      tenant: 'default',
      public_url: 'https://gate.example.com',
      moment: rig.authority.current,
      now: rig.deps.now,
      log: rig.deps.log,
      source: ({ config: entry }) => keySource(entry, '/'),
    });
    tokens.close();
    const parts = { tokens, proofs: createProofs(rig.deps.now), events: { tokenRefused: () => undefined } };
    return createAdmit(rig.deps, 'default', { tokens: createTokenDoor(parts) });
  };
  const sign = (more: JsonObject) => issuer.sign({ ...githubClaims(issuer.url, rig.time.now), ...more });
  const tokens = await Promise.all(Array.from({ length: TOKENS }, (_, n) => sign({ run_id: String(n) })));
  const large = await sign({ padding: 'x'.repeat(11_000) });
  const rounds = quick ? 3 : 40;
  const warm = door();
  await cost(warm, [...tokens, large], 1);
  const cached = await cost(warm, tokens, rounds);
  const anew = await cost(door(), tokens.slice(0, quick ? 50 : TOKENS), 1);
  const key = await cost(
    warm,
    Array.from({ length: TOKENS }, () => KEY),
    rounds,
  );
  const big = await cost(
    warm,
    Array.from({ length: 100 }, () => large),
    rounds,
  );
  await Promise.all([rig.close(), issuer.close()]);
  return {
    measured: [
      {
        goal: 'token_cached',
        got: cached,
        baseline: { name: 'verified anew', value: anew, unit: ' µs' },
        ratio: cached / anew,
      },
    ],
    also: [
      [`a token of ${Math.round(large.length / 1024)} KiB, known`, shown(big, ' µs')],
      ['an agent key', shown(key, ' µs')],
    ],
  };
};

await runAlone(import.meta.url, bench);
