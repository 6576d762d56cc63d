/** The third action: held, put before one person at this terminal, or before a script over the API. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@countersign/sdk';
import { askForDecision, type Decided } from '../requests/decide.ts';
import { openInBrowser } from '../setup/open.ts';
import type { Checks, Scene } from './scene.ts';
import { findRequest } from './story.ts';
import { AFTER, BEFORE, type World } from './world.ts';

export type Overwritten = {
  /** The request, where it was. */
  readonly approved: string | undefined;
  readonly checks: Checks;
};

/** Undefined when the terminal went away before there was an answer. */
export async function tellOverwrite(scene: Scene): Promise<Overwritten | undefined> {
  const { say, world, operator, reviewer, agent, yes } = scene;
  say.step(3, 'The agent overwrites config/app.json');
  const running = agent.overwriteConfig();
  const request_id = await Promise.race([
    findRequest(reviewer),
    running.then(() => Promise.reject(new Error('the write was not held'))),
  ]);
  say.mark('held', 'by rule writes-ask: a person has to look.');
  const untouched = (await config(world)) === BEFORE;
  const refusedOwner = yes && (await ownerIsRefused(operator, request_id));
  if (yes) await approveOverApi(reviewer, request_id);
  else if ((await askHereOrThere(scene, request_id)).kind === 'closed') return undefined;
  const { status } = await reviewer.requests.show(request_id);
  // Skipped: nobody is left who will answer.
  if (status === 'pending') await operator.requests.cancel(request_id);
  const ran = await running;
  if (status === 'approved') say.mark('ran', `once, with the gateway’s own hands: ${ran.text}`);
  else say.mark('denied', `nothing ran. The agent was told: ${ran.text}`);
  return {
    approved: status === 'approved' ? request_id : undefined,
    checks: [
      ['nothing was written while the action was held', untouched],
      ['the owner of the agent could not approve it', refusedOwner],
      ['the approved write happened', (await config(world)) === AFTER],
    ],
  };
}

const LOOK_MS = 250;

/** The same request at this terminal and in the console: whoever answers first has answered. */
async function askHereOrThere(scene: Scene, request_id: string): Promise<Decided> {
  const { say, io, reviewer, opens } = scene;
  const address = await scene.linkTo(`/requests/${request_id}`);
  say.line();
  if (scene.cards !== undefined) say.line(`   Decide it on its card in ${scene.cards}.`);
  say.line(
    `   ${scene.cards === undefined ? 'Decide it' : 'Or'} in the console (signs you in as Robin, works once):`,
  );
  say.line();
  say.line(`   ${address}`);
  say.line();
  say.dim('Or decide it here:');
  if (opens) openInBrowser(address);
  const [answered, stop] = [new AbortController(), new AbortController()];
  const watched = untilResolved(reviewer, request_id, stop.signal).then((resolved) => {
    if (resolved) answered.abort();
  });
  try {
    return await askForDecision(reviewer, request_id, { ...io, signal: answered.signal });
  } finally {
    stop.abort();
    await watched;
  }
}

async function untilResolved(reviewer: Client, id: string, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted) {
    if ((await reviewer.requests.show(id)).status !== 'pending') return true;
    await sleep(LOOK_MS, undefined, { signal: stop }).catch(() => undefined); // stopped: the loop sees it
  }
  return false;
}

const config = (world: World): Promise<string> => readFile(path.join(world.files, 'config/app.json'), 'utf8');

/** Nobody approves their own agent: not even its owner, who is an operator here. */
async function ownerIsRefused(owner: Client, request_id: string): Promise<boolean> {
  const { eligibility, action_digest, rendered_digest } = await owner.requests.show(request_id);
  if (eligibility.eligible) return false;
  return owner.requests.review(request_id, { decision: 'approved', action_digest, rendered_digest }).then(
    () => false,
    () => true,
  );
}

/** A scripted reviewer: looks, then answers about exactly what it was shown. */
async function approveOverApi(reviewer: Client, request_id: string): Promise<void> {
  const { action_digest, rendered_digest } = await reviewer.requests.show(request_id);
  await reviewer.requests.review(request_id, {
    decision: 'approved',
    reason: 'scripted demo',
    action_digest,
    rendered_digest,
  });
}
