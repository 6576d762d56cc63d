/** A rig with people who may break the glass, each with a passkey of their own, for tests. Nothing here is shipped. */
import type { ReviewSignature } from '@countersign/sdk';
import type { Breaking } from '../src/break-glass/break.ts';
import { type BreakGlass, createBreakGlass } from '../src/break-glass/break-glass.ts';
import { createNotices } from '../src/break-glass/notices.ts';
import type { BreakOutcome } from '../src/break-glass/outcome.ts';
import type { Authenticator, Twist } from './authenticator.ts';
import { type KeyHouse, openKeyHouse, SESSION } from './passkeys.ts';
import type { Rig } from './rig.ts';

export const WHY = 'the disk of the payment database fills up in minutes';

export type GlassHouse = KeyHouse & {
  readonly glass: BreakGlass;
  /** What the person's key gives for the challenge to break it. */
  signed(
    breaker: Breaker,
    over?: { readonly reason?: string; readonly twist?: Twist },
  ): Promise<ReviewSignature>;
  /** Signs and breaks. `over`: what is then said, whatever was signed. */
  smash(breaker: Breaker, over?: Partial<Breaking>): Promise<BreakOutcome>;
};

export type Breaker = {
  readonly request_id: string;
  readonly reviewer: string;
  readonly authenticator: Authenticator;
};

export function openGlassHouse(rig: Rig): GlassHouse {
  const house = openKeyHouse(rig);
  const notices = createNotices((error) => {
    throw error;
  });
  const glass = createBreakGlass({ ...rig.deps, notices });
  const shownTo = async ({ request_id, reviewer }: Breaker) => {
    const shown = await rig.requests.show(request_id, reviewer);
    if (shown === undefined) throw new TypeError('no such request');
    const { action_digest, rendered_digest } = shown;
    return { action_digest, rendered_digest };
  };
  const signed: GlassHouse['signed'] = async (breaker, { reason = WHY, twist = {} } = {}) => {
    const { request_id, reviewer, authenticator } = breaker;
    const digests = await shownTo(breaker);
    const ask = { request_id, reviewer, session: SESSION, decision: 'break-glass', reason } as const;
    const asked = await rig.requests.askSignature({ ...ask, ...digests });
    if (asked.kind !== 'asked') throw new TypeError(`${asked.why}: ${asked.message}`);
    return authenticator.get(asked.challenge, twist);
  };
  return {
    ...house,
    glass,
    signed,
    async smash(breaker, over = {}) {
      const { request_id, reviewer } = breaker;
      const digests = await shownTo(breaker);
      const signature = over.signature ?? (await signed(breaker, over.reason === undefined ? {} : over));
      const said = { request_id, reviewer, session: SESSION, reason: WHY, channel: 'test' };
      return glass.break({ ...said, ...digests, signature, ...over });
    },
  };
}
