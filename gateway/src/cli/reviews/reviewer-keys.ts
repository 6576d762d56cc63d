/** `--reviewer-key PERSON=sha256:…`: whose keys somebody knows from elsewhere, so that the log is not asked to vouch for itself. */
import type { ReviewerPins } from '../../audit/verify/signatures.ts';
import { UsageError } from '../verb.ts';

export const REVIEWER_KEY_USAGE = `  --reviewer-key PERSON=DIGEST  a passkey you know is this person’s, as “sha256:…”; may be given several times.
                   Of the people named, no other key counts`;

export function readPins(given: readonly string[] | undefined): ReviewerPins | undefined {
  if (given === undefined) return undefined;
  const pairs = given.map((text) => {
    const [, person, digest] = /^([^=]+)=(sha256:[0-9a-f]{64})$/.exec(text) ?? [];
    if (person === undefined || digest === undefined)
      throw new UsageError(`--reviewer-key ${text}: give it as PERSON=sha256: and 64 hex digits`);
    return { person, digest };
  });
  const grouped = Map.groupBy(pairs, ({ person }) => person);
  return new Map([...grouped].map(([person, keys]) => [person, new Set(keys.map(({ digest }) => digest))]));
}
