/**
 * One signed review checked as it is before an approval is used: document, client data, authenticator data, signature;
 * against the bare signature of the same key in the same run. The slowest algorithm taken is what counts.
 * Run: npm run bench passkey
 */
import { createHash, type KeyObject, verify } from 'node:crypto';
import { ALGORITHMS, type AlgorithmName } from '../gateway/src/passkeys/passkeys.ts';
import { checkSignedReview, type SignedReview } from '../gateway/src/passkeys/signed-review.ts';
import { sampleSignedReview } from '../gateway/testing/signed-review.ts';
import { type Bench, median, runAlone, shown } from './goals.ts';

/** Milliseconds, median. */
function took(rounds: number, run: () => boolean): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    if (!run()) throw new Error('a signature that should hold does not');
    times.push(performance.now() - start);
  }
  return median(times.slice(Math.floor(rounds / 5)));
}

function bareOf(algorithm: AlgorithmName, review: SignedReview, key: KeyObject): () => boolean {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
  const hash = createHash('sha256').update(bytes(review.client_data)).digest();
  const signed = Buffer.concat([bytes(review.authenticator_data), hash]);
  const signature = bytes(review.signature);
  return () => verify(algorithm === 'EdDSA' ? null : 'sha256', signed, key, signature);
}

export const bench: Bench = async ({ quick }) => {
  const rounds = quick ? 5 : 2000;
  const found = (Object.keys(ALGORITHMS) as AlgorithmName[]).map((algorithm) => {
    const { review, expected, key } = sampleSignedReview(algorithm);
    const got = took(rounds, () => checkSignedReview(review, expected).ok);
    return { algorithm, got, bare: took(rounds, bareOf(algorithm, review, key.public_key)) };
  });
  const slowest = found.toSorted((a, b) => b.got - a.got)[0];
  if (slowest === undefined) throw new Error('nothing was measured');
  const { got, bare, algorithm } = slowest;
  const baseline = { name: `the bare ${algorithm} signature`, value: bare, unit: ' ms' };
  return {
    measured: [{ goal: 'passkey_check', got, baseline, ratio: got / bare }],
    also: found.map((each) => [
      each.algorithm,
      `${shown(each.got, ' ms')}, of it the signature ${shown(each.bare, ' ms')}`,
    ]),
  };
};

await runAlone(import.meta.url, bench);
