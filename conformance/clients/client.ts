// What every client script here does: it calls one tool and, when the answer says that approval is pending, calls
// again with the same arguments, as a model would. The scripts use each client as its documentation shows, with its
// default limits: nothing is tuned to the gateway.

export type Job = { url: string; token: string; tool: string; args: Record<string, unknown> };
export type Done = { content: string; calls: number };
export type ClientScript = (job: Job) => Promise<Done>;

const CALLS_MAX = 10;

/** What a model would understand from the words alone: clients do not show it `_meta`. */
export function saysCallAgain(text: string): boolean {
  return /approv/i.test(text) && /\bcall\b.{0,80}\bagain\b/is.test(text);
}

export async function callUntilAnswered(call: () => Promise<string>): Promise<Done> {
  for (let calls = 1; calls <= CALLS_MAX; calls += 1) {
    const content = await call();
    if (!saysCallAgain(content)) return { content, calls };
  }
  throw new Error(`still pending after ${CALLS_MAX} calls`);
}

export function textOf(content: unknown): string {
  if (!Array.isArray(content)) throw new Error(`a tool result without content: ${JSON.stringify(content)}`);
  return content
    .map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : ''))
    .join('\n');
}
