/**
 * A caller's answer to what the upstream asked it (2025-11-25). Answers to elicitation and sampling are actions: they go
 * through the door, and one that is refused reaches the upstream as the gateway's refusal, never as the answer (WIRE §8).
 */
import { isJsonObject } from '@countersign/core';
import type { Permit, Session, Verdict } from '../../../protocol.ts';
import { toEvaluation } from '../../binding.ts';
import type { McpDeps } from '../../deps.ts';
import { answerAction } from '../../methods.ts';
import { CODE, type Response, writeMessage } from '../../wire/message.ts';
import type { LegacySession } from './session.ts';

export type Answering = {
  readonly session: LegacySession;
  readonly door: Session;
  readonly answer: Response;
};

/** Resolves when the answer is with the upstream, or refused; a held one resolves at once and goes on by itself. */
export async function passAnswer(deps: McpDeps, answering: Answering): Promise<void> {
  const { session, door, answer } = answering;
  const method = session.answered(answer);
  if (method === undefined) return;
  const action = answerAction(method);
  const { result } = answer;
  // Roots are what the caller says it may see anyway; who declines with an error gives nothing away but that.
  if (action === undefined || result === undefined) {
    const message = action === undefined ? answer : declined(answer);
    await session.peer.link.post({ message, text: writeMessage(message), headers: {} });
    return;
  }
  const evaluation = toEvaluation({
    principal: door.principal,
    upstream: session.peer.upstream,
    method: action,
    params: { answer: result },
    origin: { session: session.name },
  });
  const verdict = await door.enforce(evaluation);
  if (verdict.kind === 'permitted') return deliver(session, answer, verdict.permit);
  if (verdict.kind !== 'held') return refuse(session, answer);
  void later(answering, verdict, () => door.enforce(evaluation)).catch((error: unknown) =>
    deps.log.error({ error: String(error) }, 'an answer to an upstream was lost'),
  );
}

async function later(
  { session, answer }: Answering,
  { held }: Verdict & { kind: 'held' },
  again: () => Promise<Verdict>,
): Promise<void> {
  const stream = new AbortController();
  session.peer.link.onClose(() => stream.abort());
  const view = await held.settled(stream.signal);
  const verdict = view.status === 'approved' && !session.ended ? await again() : undefined;
  if (verdict?.kind === 'permitted') await deliver(session, answer, verdict.permit);
  else await refuse(session, answer);
}

async function deliver(session: LegacySession, answer: Response, permit: Permit): Promise<void> {
  const { answer: approved } = isJsonObject(permit.action.context['params'])
    ? permit.action.context['params']
    : {};
  const message: Response = permit.held
    ? { kind: 'response', id: answer.id, result: approved ?? null }
    : answer;
  const taken = await session.peer.link.post({ message, text: writeMessage(message), headers: {} });
  await permit.finish(
    taken
      ? { status: 'succeeded' }
      : { status: 'unknown', summary: 'the upstream did not confirm the answer' },
  );
  permit.delivered();
}

/** An error's words and data are the caller's own, and nobody was asked about them: only its code goes on. */
const declined = ({ id, error }: Response): Response => ({
  kind: 'response',
  id,
  error: { code: error?.['code'] ?? CODE.refused, message: 'The caller declined' },
});

async function refuse(session: LegacySession, { id }: Response): Promise<void> {
  const message: Response = {
    kind: 'response',
    id,
    error: { code: CODE.refused, message: 'The gateway did not pass this answer on' },
  };
  await session.peer.link.post({ message, text: writeMessage(message), headers: {} });
}
