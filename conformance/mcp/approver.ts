// A person who answers by script, over the same API as everyone: what is held is approved, or denied, once seen and
// after as long as the test says. It has no way around a rule.
import type { Pending, Reviewer } from './gateway/people.ts';

export type Approver = { seen: readonly Pending[]; stop(): Promise<void> };

const POLL_MS = 25;

export type ApproverOptions = {
  /** How long each request waits for its answer, in milliseconds. */
  delay_ms?: number;
  /** What to answer; approval by default. */
  decide?: (request: Pending) => 'approve' | 'deny';
};

export function startApprover(reviewer: Reviewer, options: ApproverOptions = {}): Approver {
  const { delay_ms = 0, decide = () => 'approve' as const } = options;
  const seen = new Map<string, Pending & { at: number; answered: boolean }>();
  let stopped = false;
  let failure: unknown;
  const round = async () => {
    for (const request of await reviewer.pending()) {
      const known = seen.get(request.id) ?? { ...request, at: performance.now(), answered: false };
      seen.set(request.id, known);
      if (known.answered || performance.now() - known.at < delay_ms) continue;
      known.answered = true;
      if (decide(request) === 'approve') await reviewer.approve(request.id);
      else await reviewer.deny(request.id, 'denied by the script');
    }
  };
  const loop = async () => {
    while (!stopped) {
      await round();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const running = loop().catch((error) => {
    failure = error;
  });
  const stop = async () => {
    stopped = true;
    await running;
    if (failure !== undefined) throw failure;
  };
  return {
    get seen() {
      return [...seen.values()];
    },
    stop,
  };
}
