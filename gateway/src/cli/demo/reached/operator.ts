/**
 * Olivia, who in the demo is a script, agrees that an account in a chat service is whose it says. Elsewhere an operator asks
 * the person first: who is who decides who may answer (I13). She agrees to nothing else.
 */
import { escapeTerminal } from '@countersign/core';
import { type Client, ProblemError } from '@countersign/sdk';
import { startRepeating } from '../../../repeat.ts';
import type { Say } from '../story.ts';

/** Who asks for changes of the gateway's own: no agent can be called this. */
const OPERATIONS = 'countersign:operations';
const LINK = 'countersign.people.link';
const LOOK_MS = 250;

export type Agreeing = {
  /** Resolves once the first account is somebody's. */
  readonly linked: Promise<void>;
  stop(): Promise<void>;
};

export function startAgreeing(operator: Client, say: Say): Agreeing {
  const first = Promise.withResolvers<void>();
  const agreed = new Map<string, string>();
  const look = async (): Promise<void> => {
    const { items } = await operator.requests.list({ status: 'pending', agent: OPERATIONS });
    for (const { id, action } of items)
      if (action === LINK && !agreed.has(id)) agreed.set(id, await agree(operator, id));
    for (const [id, sentence] of agreed) {
      const { status, executions } = await operator.requests.show(id);
      if (status === 'pending' || (status === 'approved' && executions.length === 0)) continue;
      agreed.delete(id);
      if (status !== 'approved') continue;
      say.line(); // a question may stand on the line
      say.mark('olivia', `agreed: ${escapeTerminal(sentence)}. (A script; people ask whose it is first.)`);
      first.resolve();
    }
  };
  const stop = startRepeating({
    every_ms: LOOK_MS,
    run: look,
    failed: (error) => say.mark('broken', escapeTerminal(String(error))),
  });
  return { linked: first.promise, stop };
}

/** What she agreed to, in the gateway's words. */
async function agree(operator: Client, id: string): Promise<string> {
  const { action_digest, rendered_digest, sentence, eligibility } = await operator.requests.show(id);
  const answer = {
    decision: 'approved',
    reason: 'the demo’s script agrees',
    action_digest,
    rendered_digest,
  } as const;
  if (eligibility.eligible)
    await operator.requests.review(id, answer).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error; // answered meanwhile
    });
  return sentence;
}
