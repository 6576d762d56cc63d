/**
 * How the gateway's main thread talks with the store's two. What waits goes to a thread in one message, bounded, and is
 * answered in the order it was sent; nothing here reads or changes what is said.
 */
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../store.ts';
import type { Opened } from './messages.ts';

export type Thread<In, Out> = {
  /** What it said when it was ready. */
  readonly size: number;
  say(message: In): void;
  onMessage(listener: (message: Out) => void): void;
  /** Called once, with why, when the thread ends without being asked to. */
  onDeath(listener: (why: string) => void): void;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>;
};

// Whole paths, so that the build can point them at the .js files and unused ones are found.
const modules = {
  writer: new URL('../writer.ts', import.meta.url),
  reader: new URL('../reader.ts', import.meta.url),
} as const;

/** Starts one of them as a worker and waits until it says it is open. @throws StoreUnavailable with the thread's own words */
export async function startThread<In, Out>(
  name: keyof typeof modules,
  data: unknown,
): Promise<Thread<In, Out>> {
  const worker = new Worker(modules[name], { workerData: data, name: `store-${name}` });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const opened = await new Promise<Opened>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (error) => resolve({ kind: 'failed', message: String(error) }));
    worker.once('exit', (code) => resolve({ kind: 'failed', message: `the thread ended with ${code}` }));
  });
  if (opened.kind === 'failed') {
    await ended;
    throw new StoreUnavailable(opened.message, 'no');
  }
  return {
    size: opened.size,
    ended,
    say: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on('message', listener),
    onDeath: (listener) => {
      worker.on('error', (error) => listener(String(error)));
      worker.on('exit', (code) => listener(`the thread ended with ${code}`));
    },
  };
}
