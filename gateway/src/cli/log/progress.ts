/** Progress of something long, on the terminal's own line, on standard error; nothing when that is not a terminal. */
import type { Io } from '../verb.ts';

const EVERY_MS = 100;

export function progressOf(
  { stderr }: Io,
  done_word: string,
): { tell(done: number, of: number): void; end(): void } {
  let last = 0;
  let drawn = false;
  return {
    tell(done, of) {
      const now = performance.now();
      if (stderr.isTTY !== true || (now - last < EVERY_MS && done < of)) return;
      last = now;
      drawn = true;
      stderr.write(
        `\r${done} of ${of} entries ${done_word} (${Math.floor((done / Math.max(of, 1)) * 100)} %)`,
      );
    },
    end() {
      if (drawn) stderr.write('\r\x1b[2K');
    },
  };
}
