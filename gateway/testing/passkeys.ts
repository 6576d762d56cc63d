/** A rig with people who have passkeys: enrolled, confirmed and used through the gateway's own parts. Nothing here is shipped. */
import { generateKeyPairSync } from 'node:crypto';
import { type Person, parseStatement, type Statement } from '@countersign/core';
import type { Passkey } from '@countersign/sdk';
import { createSealer } from '../src/audit/sealer.ts';
import { createChanges } from '../src/authority/changes.ts';
import { EMPTY_ROSTER } from '../src/identity/roster/roster.ts';
import { createPasskeys, type KeyOutcome, type Passkeys } from '../src/passkeys/keys.ts';
import { passkeySite } from '../src/passkeys/site.ts';
import type { Policy } from '../src/policy/policy.ts';
import type { Answer, ReviewOutcome } from '../src/requests/requests.ts';
import { type Authenticator, createAuthenticator, type Twist } from './authenticator.ts';
import { CONFIG, createRig, type Rig } from './rig.ts';

/** A rig whose entries are signed with a key of the test's, as a gateway signs them. */
export async function createSignedRig(policy: Policy) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { kid: 'test', private_key: privateKey, public_key: publicKey };
  const rig = await createRig(policy, { sealer: async () => createSealer({ key }) });
  const statements = async (): Promise<readonly Statement[]> =>
    (await rig.entries()).map(({ payload }) => parseStatement(Buffer.from(String(payload), 'base64')));
  return { rig, entry_key: publicKey, statements };
}

export const SESSION = 'sha256:the-session';

export type KeyHouse = ReturnType<typeof openKeyHouse>;

export function openKeyHouse(rig: Rig) {
  const { deps, authority, requests } = rig;
  const site = passkeySite(deps.public_url);
  const world = { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER };
  const changes = createChanges({ ...deps, authority: () => authority, world });
  const passkeys: Passkeys = createPasskeys({ ...deps, changes, site });
  const person = (id: string): Person => {
    const found = authority.current().directory.person(id);
    if (found === undefined) throw new TypeError(`nobody is ${id}`);
    return found;
  };

  const enrol = async (
    id: string,
    authenticator: Authenticator = createAuthenticator(deps.public_url),
    twist: Twist = {},
  ): Promise<{ readonly authenticator: Authenticator; readonly outcome: KeyOutcome }> => {
    const who = { person: person(id), session: SESSION };
    const asked = await passkeys.askEnrol(who);
    if (asked.kind !== 'asked') return { authenticator, outcome: asked };
    const made = authenticator.create(asked.options, twist);
    const outcome = await passkeys.enrol(who, 'a key', { ...made, transports: made.transports ?? [] });
    return { authenticator, outcome };
  };

  /** Enrolled, and confirmed by another operator. */
  const give = async (id: string, made?: Authenticator) => {
    const { authenticator, outcome } = await enrol(id, made);
    const pending = doneKey(outcome);
    const by = person(id === 'alice' ? 'dan' : 'alice');
    const key = doneKey(await passkeys.confirm(pending.id, by, pending.key_digest));
    return { authenticator, key };
  };

  /** What the person is shown, and the challenge to sign an answer to it. */
  const challengeFor = async (request_id: string, reviewer: string, over: Partial<Answer> = {}) => {
    const shown = await requests.show(request_id, reviewer);
    if (shown === undefined) throw new TypeError('no such request');
    const { action_digest, rendered_digest } = shown;
    const { decision = 'approved', reason } = over;
    return requests.askSignature({
      request_id,
      reviewer,
      session: SESSION,
      decision,
      action_digest,
      rendered_digest,
      ...(reason === undefined ? {} : { reason }),
    });
  };

  const sign = async (
    { request_id, reviewer, authenticator }: Signing,
    { twist = {}, ask = {}, over = {} }: How = {},
  ): Promise<ReviewOutcome> => {
    const asked = await challengeFor(request_id, reviewer, ask);
    if (asked.kind !== 'asked') throw new TypeError(asked.message);
    const signature = authenticator.get(asked.challenge, twist);
    return rig.answer(request_id, reviewer, { session: SESSION, signature, ...ask, ...over });
  };

  return { passkeys, person, enrol, give, challengeFor, sign };
}

type Signing = {
  readonly request_id: string;
  readonly reviewer: string;
  readonly authenticator: Authenticator;
};
/** `ask`: of the challenge and the answer alike; `over`: of the answer alone. */
type How = { readonly twist?: Twist; readonly ask?: Partial<Answer>; readonly over?: Partial<Answer> };

export function doneKey(outcome: KeyOutcome): Passkey {
  if (outcome.kind !== 'done') throw new TypeError(outcome.message);
  return outcome.key;
}
