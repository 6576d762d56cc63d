/** One trial: the story with one fault, in this process or in one that is killed, and what is wrong afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aftermath, BEGINNING } from './aftermath.ts';
import { type Fault, watch } from './faulty-store.ts';
import { tell } from './story/story.ts';
import { openWorld } from './world.ts';

export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-faults-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What is wrong after the story broke at `fault`; empty is good. */
export function trial(fault: Fault): Promise<readonly string[]> {
  return inFolder(async (dir) => {
    const met = fault.how.startsWith('kill') ? await killed(dir, fault) : await failed(dir, fault);
    const found = await aftermath(dir);
    return met ? found : [`${fault.command} was never reached`, ...found];
  });
}

async function failed(dir: string, fault: Fault): Promise<boolean> {
  const watched = watch(fault);
  const world = await openWorld({ dir, start: BEGINNING, watched });
  try {
    await tell(world);
  } finally {
    await world.close();
  }
  return watched.met();
}

export const CHILD_FLAGS = ['--conditions=countersign-source', '--disable-warning=ExperimentalWarning'];

async function killed(dir: string, fault: Fault): Promise<boolean> {
  const script = fileURLToPath(new URL('child.ts', import.meta.url));
  const child = spawn(process.execPath, [...CHILD_FLAGS, script, dir, JSON.stringify(fault)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal === 'SIGKILL';
}
