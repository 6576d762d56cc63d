/**
 * Asks one question at a time at a terminal. Whatever was typed before the question stood there is thrown away: a key
 * pressed too early must not answer for something not yet read (A18).
 */
import { createInterface } from 'node:readline';
import type { Io } from '../verb.ts';

export type Prompt = {
  /** The line typed, trimmed; undefined when the signal aborts or the terminal goes away. */
  ask(question: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Says something; a question that stands is asked again below it. */
  say(text: string): void;
  /** True once the terminal is gone or the person pressed Ctrl-C or Ctrl-D. */
  readonly closed: boolean;
  /** Resolves when `closed` becomes true. */
  readonly ended: Promise<void>;
  close(): void;
};

export const canAsk = ({ stdin, stdout }: Pick<Io, 'stdin' | 'stdout'>): boolean =>
  stdin.isTTY === true && stdout.isTTY === true;

/** Only the word itself, typed below the question, is a yes; a terminal that goes away is a no (I14). */
export async function confirmed(io: Pick<Io, 'stdin' | 'stdout'>, question: string): Promise<boolean> {
  const prompt = createPrompt(io);
  try {
    const answer = await prompt.ask(`${question} [y]es   [n]o  › `);
    return answer === 'y' || answer === 'yes';
  } finally {
    prompt.close();
  }
}

export function createPrompt({ stdin, stdout }: Pick<Io, 'stdin' | 'stdout'>): Prompt {
  const lines = createInterface({ input: stdin, output: stdout, terminal: true, historySize: 0 });
  const ended = Promise.withResolvers<void>();
  let closed = false;
  let waiting: ((line: string | undefined) => void) | undefined;
  const settle = (line: string | undefined): void => {
    const resolve = waiting;
    waiting = undefined;
    resolve?.(line);
  };
  lines.on('line', (line) => settle(line.trim()));
  lines.on('SIGINT', () => lines.close());
  lines.on('close', () => {
    closed = true;
    settle(undefined);
    ended.resolve();
  });
  return {
    ended: ended.promise,
    get closed() {
      return closed;
    },
    ask(question, signal) {
      if (closed || signal?.aborted === true) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const abort = (): void => {
          stdout.write('\n');
          settle(undefined);
        };
        waiting = (line) => {
          signal?.removeEventListener('abort', abort);
          resolve(line);
        };
        signal?.addEventListener('abort', abort, { once: true });
        // Typed too early: gone, in front of the cursor and behind it.
        lines.write(null, { ctrl: true, name: 'e' });
        lines.write(null, { ctrl: true, name: 'u' });
        lines.setPrompt(question);
        lines.prompt();
      });
    },
    say(text) {
      stdout.write(waiting === undefined ? `${text}\n` : `\n${text}\n`);
      if (waiting !== undefined) lines.prompt(true);
    },
    close: () => lines.close(),
  };
}
