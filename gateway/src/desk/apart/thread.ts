/** The desk's thread: it loads and tries policies nobody has agreed to, one job after another, and keeps nothing. */
import { parentPort } from 'node:worker_threads';
import { checkDraft } from '../check.ts';
import { patchFor } from '../patch.ts';
import type { Reply } from '../replay/questions.ts';
import type { Ask } from '../replay/replay.ts';
import { simulate } from '../simulate.ts';
import { suggest } from '../suggest/suggest.ts';
import type { FromThread, Job, Result, ToThread } from './messages.ts';
import { optionsOf, type SentWorld } from './world.ts';

const port = parentPort;
if (port === null) throw new Error('the desk’s thread is a worker');
const say = (message: FromThread): void => port.postMessage(message);
let world: SentWorld | undefined;
let waiting: ((reply: Reply) => void) | undefined;

/** The gateway answers each question with a reply of its kind. */
const ask = ((question) =>
  new Promise<Reply>((resolve) => {
    waiting = resolve;
    say({ kind: 'question', question });
  })) as Ask;

port.on('message', (message: ToThread) => {
  if (message.kind === 'world') world = message.world;
  else if (message.kind === 'reply') waiting?.(message.reply);
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
    case 'patch':
      return patchFor(job);
    case 'suggest':
      return suggest(job, { options, ask, ticks: () => performance.now() });
    case 'simulate':
      return simulate(job, { options, ask, ticks: () => performance.now() });
  }
}
