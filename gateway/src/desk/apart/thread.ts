/** The desk's thread: it loads and tries policies nobody has agreed to, one job after another, and keeps nothing. */
import { parentPort } from 'node:worker_threads';
import { checkDraft } from '../check.ts';
import type { FromThread, Job, Result, ToThread } from './messages.ts';
import { optionsOf, type SentWorld } from './world.ts';

const port = parentPort;
if (port === null) throw new Error('the desk’s thread is a worker');
const say = (message: FromThread): void => port.postMessage(message);
let world: SentWorld | undefined;

port.on('message', (message: ToThread) => {
  if (message.kind === 'world') world = message.world;
  else
    answer(message.job).then(
      (result) => say({ kind: 'done', result }),
      (error: unknown) => say({ kind: 'failed', why: String(error) }),
    );
});

async function answer(job: Job): Promise<Result> {
  if (world === undefined) throw new TypeError('a job came before the world');
  const options = optionsOf(world);
  switch (job.kind) {
    case 'check':
      return checkDraft(job.draft, options);
  }
}
