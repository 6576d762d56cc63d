/** Breaks every change to a file in turn: the keys, the tiles, the envelopes, the checkpoint, the sign-in link. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { aftermath } from '../aftermath.ts';
import { CHILD_FLAGS, inFolder } from '../trial.ts';
import { FILE_BREAKS, type FileFault } from './breaking.ts';

const script = fileURLToPath(new URL('child.ts', import.meta.url));

async function story(dir: string, fault: FileFault): Promise<{ signal: string | null; out: string }> {
  const child = spawn(process.execPath, [...CHILD_FLAGS, script, dir, JSON.stringify(fault)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [out, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { signal: signal as string | null, out };
}

/** How many changes to files an unbroken story makes. */
export const countChanges = (): Promise<number> =>
  inFolder(async (dir) => Number((await story(dir, { nth: 0, how: 'kill' })).out));

const NEVER_REACHED = 'never reached';

export const fileTrial = (fault: FileFault): Promise<readonly string[]> =>
  inFolder(async (dir) => {
    const { signal } = await story(dir, fault);
    const found = await aftermath(dir);
    return fault.how === 'kill' && signal === null ? [NEVER_REACHED, ...found] : found;
  });

export type Swept = { readonly what: string; readonly trials: number; readonly found: readonly string[] };

/** How many changes at the end may never come: how often the log is sealed depends on the clock, and on who else is busy. */
const JITTER = 40;

export async function* tryFiles(): AsyncGenerator<Swept> {
  const total = await countChanges();
  if (!(total > 50)) throw new Error(`an unbroken story made ${total} changes to files; expected many`);
  for (const how of Object.keys(FILE_BREAKS) as FileFault['how'][]) {
    const found: string[] = [];
    for (let nth = 1; nth <= total; nth += 1) {
      const wrong = await fileTrial({ nth, how }).catch((error: unknown) => [String(error)]);
      const meant = wrong.filter((each) => each !== NEVER_REACHED || nth <= total - JITTER);
      found.push(...meant.map((each) => `change ${nth} of ${total}: ${each}`));
    }
    yield { what: `files, ${how}`, trials: total, found };
  }
}
