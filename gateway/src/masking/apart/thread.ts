/** The masking thread. It knows the secrets it was told and the built-in detectors, answers one job after another, and keeps nothing. */
import { parentPort } from 'node:worker_threads';
import { builtInDetectors } from '../built-in.ts';
import { createKnownSecrets } from '../known/known.ts';
import { createMasker, type Masker } from '../masker.ts';
import type { Done, Job, ToThread } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('the masking thread is a worker');
const detectors = builtInDetectors();
/** None before the secrets are known: a job that came first would fail, and end the thread. */
let masker: Masker | undefined;

port.on('message', (message: ToThread) => {
  if (message.kind === 'secrets')
    masker = createMasker({ known: createKnownSecrets(message.secrets), detectors });
  else port.postMessage(done(message.job));
});

function done(job: Job): Done {
  if (masker === undefined) throw new TypeError('a job came before the secrets');
  if (job.kind === 'judge') return { kind: 'judged', verdicts: masker.judgeJson(job.value) };
  const { value, changed } = masker.redactJson(job.value, { kinds: job.kinds });
  return changed ? { kind: 'masked', value } : { kind: 'same' };
}
