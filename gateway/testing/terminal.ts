/** A terminal for tests: what is written can be waited for, what a person types can be typed. */
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Io } from '../src/cli/verb.ts';

export type Terminal = {
  readonly io: Io;
  /** Everything written to standard output so far, without colours and cursor moves. */
  readonly text: string;
  readonly errors: string;
  /** Waits until this stands in what was written since the last wait. */
  until(wanted: string | RegExp): Promise<void>;
  /** The same, of standard error. */
  untilError(wanted: string | RegExp): Promise<void>;
  type(text: string): void;
  hangUp(): void;
};

const WAIT_MS = 15_000;

type Options = {
  readonly tty?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** How wide it is; 80 when nothing is said. */
  readonly columns?: number;
};

export function createTerminal({ tty = true, env = {}, cwd = '/', columns = 80 }: Options = {}): Terminal {
  const stdin = Object.assign(new PassThrough(), { isTTY: tty });
  const [stdout, stderr] = [new Page(tty, columns), new Page(tty, columns)];
  return {
    io: {
      stdin: stdin as unknown as NodeJS.ReadStream,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
      env: { TERM: 'xterm', NO_COLOR: '1', ...env },
      cwd,
    },
    get text() {
      return stdout.text;
    },
    get errors() {
      return stderr.text;
    },
    until: (wanted) => stdout.until(wanted),
    untilError: (wanted) => stderr.until(wanted),
    type: (text) => void stdin.write(text),
    hangUp: () => void stdin.end(),
  };
}

class Page extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows = 60;
  text = '';
  #seen = 0;
  #wake: (() => void) | undefined;

  constructor(tty: boolean, columns: number) {
    super({ decodeStrings: false });
    this.isTTY = tty;
    this.columns = columns;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += stripVTControlCharacters(String(chunk));
    this.#wake?.();
    done();
  }

  async until(wanted: string | RegExp): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!this.#found(wanted)) {
      const left = deadline - Date.now();
      if (left <= 0) assert.fail(`never written: ${String(wanted)}\nbut:\n${this.text.slice(this.#seen)}`);
      await this.#more(left);
    }
  }

  #found(wanted: string | RegExp): boolean {
    const unseen = this.text.slice(this.#seen);
    const match =
      typeof wanted === 'string'
        ? { index: unseen.indexOf(wanted), length: wanted.length }
        : { index: unseen.search(wanted), length: wanted.exec(unseen)?.[0].length ?? 0 };
    if (match.index === -1) return false;
    this.#seen += match.index + match.length;
    return true;
  }

  /** Resolves when more is written, or after `ms`. */
  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
