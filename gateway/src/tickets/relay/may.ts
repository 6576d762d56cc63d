/**
 * A person's answer in a ticket system's hands: shown there, asked for there, proven by the person, handed over. The proof is
 * made for exactly one answer and works once; the system adds nothing to it. Nothing here counts an answer: that is `requests/review`.
 *
 * This file: which answers may go this way at all. No higher risk than a card would offer (A4); whether the proof is what the
 * rule asks for, which no click on a card is, `ask.ts` says and `requests/review` judges.
 */
import { type ReviewDecision, RISKS } from '@countersign/core';
import type { ChannelsConfig } from '../../channels/config.ts';
import type { Deps } from '../../deps.ts';
import type { Provider } from '../../identity/oidc/provider/provider.ts';
import type { TicketSystem } from '../../identity/ticketing.ts';
import type { Requests } from '../../requests/requests.ts';
import type { StoredRequest } from '../../requests/views/row.ts';
import type { TicketOutcome } from '../outcome.ts';

export type RelayDeps = Deps & {
  readonly requests: Pick<Requests, 'review' | 'askSignature'>;
  /** Highest risk that is approved outside the console. */
  readonly answersUpTo: () => ChannelsConfig['answers_up_to'];
  readonly providers: ReadonlyMap<string, Pick<Provider, 'config' | 'vouch'>>;
};

export type Refused = Extract<TicketOutcome<never>, { readonly kind: 'refused' }>;

export const refused = (why: Refused['why'], message: string): Refused => ({ kind: 'refused', why, message });

export function mayRelay(
  { answersUpTo, now }: Pick<RelayDeps, 'answersUpTo' | 'now'>,
  system: TicketSystem,
  { stored, decision }: { readonly stored: StoredRequest; readonly decision?: ReviewDecision },
): Refused | undefined {
  if (!system.may('relay')) return refused('not_allowed', `ticketing.${system.id}.may does not say relay`);
  const { status, expires_at, risk } = stored.request;
  if (status !== 'pending' || now() >= expires_at)
    return {
      ...refused(
        'already_resolved',
        `This request ${status === 'pending' ? 'has expired' : `is already ${status}`}.`,
      ),
      status: status === 'pending' ? 'expired' : status,
    };
  const most = answersUpTo();
  if (most === 'none')
    return refused('not_allowed', 'Answers are given on the request’s page alone (channels.answers_up_to).');
  if (decision === 'approved' && RISKS.indexOf(risk) > RISKS.indexOf(most))
    return refused(
      'not_allowed',
      `A request of ${risk} risk is approved on its page (channels.answers_up_to); give the person its link.`,
    );
  return undefined;
}
