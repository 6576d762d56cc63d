/**
 * The processes a bench is made of. What is measured, what it talks to and what loads it each have a process of their
 * own, so that one's work is never billed to another. They are driven by questions over IPC, listen on loopback only,
 * and end with the bench. Nothing in here may be faster or slower for one side of a comparison than for the other.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

type Asked = { readonly n: number; readonly ask: string; readonly body: unknown };
type Answered = { readonly n: number; readonly answer?: unknown; readonly failed?: string };

export type Process<Answers extends Handlers> = {
  ask<Name extends keyof Answers & string>(
    name: Name,
    body: Parameters<Answers[Name]>[0],
  ): Promise<Awaited<ReturnType<Answers[Name]>>>;
  stop(): Promise<void>;
};

/** What a process answers to; bodies and answers survive being copied. */
export type Handlers = { readonly [name: string]: (body: never) => unknown };

const STOP_MS = 10_000;

/** Starts one of the files in this folder, with these words behind it. */
export function startProcess<Answers extends Handlers>(
  file: 'bare.ts' | 'load.ts' | 'upstream.ts',
  words: readonly string[] = [],
): Process<Answers> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), words, {
    execArgv: process.execArgv,
    serialization: 'advanced',
  });
  return talkTo(child, file);
}

/** The bench's side of a process that answers over IPC; letting go of it is what stops it. */
export function talkTo<Answers extends Handlers>(child: ChildProcess, name: string): Process<Answers> {
  const waiting = new Map<number, (answered: Answered) => void>();
  let asked = 0;
  child.on('message', (answered: Answered) => {
    waiting.get(answered.n)?.(answered);
    waiting.delete(answered.n);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      for (const [n, settle] of waiting) settle({ n, failed: `${name} ended with ${code}` });
      resolve();
    });
  });
  return {
    ask: (ask, body) =>
      new Promise((resolve, reject) => {
        asked += 1;
        const n = asked;
        waiting.set(n, ({ answer, failed }) => {
          if (failed === undefined) resolve(answer as never);
          else reject(new Error(failed));
        });
        child.send({ n, ask, body } satisfies Asked);
      }),
    async stop() {
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** The child's side. `close` runs when the bench lets go, or is gone. */
export function answer(handlers: Handlers, close: () => Promise<void>): void {
  process.on('message', ({ n, ask, body }: Asked) => {
    const handler = handlers[ask] as ((body: unknown) => unknown) | undefined;
    const settled = Promise.resolve().then(() => handler?.(body));
    settled.then(
      (answer) => process.send?.({ n, answer }),
      (error: unknown) => process.send?.({ n, failed: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.once('disconnect', () => void close().finally(() => process.exit()));
}
