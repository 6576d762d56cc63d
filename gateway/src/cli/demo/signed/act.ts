/**
 * The demo's last act: an action whose rule wants a signature. Somebody signs in with a provider, is a reviewer by a group
 * of their token, and signs with a passkey of their own: by hand in a browser, or by script over the same HTTP. Nothing
 * here can approve without that signature; the operator is a script, confirms the passkey, and says so.
 */
import path from 'node:path';
import type { Checks, Scene, Signer } from '../scene.ts';
import { findRequest } from '../story.ts';
import { exists, NOTE, TRASHED, type World } from '../world.ts';
import { signByHand } from './by-hand.ts';
import { signByScript } from './by-script.ts';

export type SignedAct = {
  /** The request, where it was. */
  readonly approved?: string;
  readonly signer?: Signer;
  readonly checks: Checks;
};

/** Undefined when the terminal went away before there was an answer. */
export async function tellSigned({ agent, reviewer, yes, ...scene }: Scene): Promise<SignedAct | undefined> {
  const { say, world, operator } = scene;
  say.step(4, `The agent moves ${NOTE} to ${TRASHED}`);
  const running = agent.trashNote();
  const request_id = await Promise.race([findRequest(reviewer), running.then(() => undefined)]);
  if (request_id === undefined) {
    const { text } = await running;
    if (yes) throw new Error(`the move was not held: ${text}`);
    // Whoever has the console may have paused the agent there.
    say.mark('denied', `nothing moved, nobody was asked. The agent was told: ${text}`);
    return { checks: [] };
  }
  say.mark('held', 'by rule removals-are-signed: a reviewer must sign it with a passkey.');
  if (scene.cards !== undefined)
    say.dim(`Its card in ${scene.cards} leads to the page: a click there is no signature.`);
  const signing = { ...scene, request_id };
  const answered = yes ? await signByScript(signing) : await signByHand(signing);
  if (answered === undefined) return undefined;
  const { signer, checks } = answered;
  const { status } = await operator.requests.show(request_id);
  if (status === 'pending') await operator.requests.cancel(request_id);
  const ran = await running;
  if (status === 'pending') {
    say.dim('Skipped: the request is withdrawn, and nothing moved.');
    return { checks };
  }
  if (status !== 'approved') {
    say.mark('denied', `nothing ran. The agent was told: ${ran.text}`);
    return { checks };
  }
  say.mark('ran', 'once; the signature was checked again before it did.');
  return {
    approved: request_id,
    ...(signer === undefined ? {} : { signer }),
    checks: [...checks, ['what was signed for happened', await isMoved(world)]],
  };
}

async function isMoved({ files }: World): Promise<boolean> {
  const [gone, there] = await Promise.all([NOTE, TRASHED].map((file) => exists(path.join(files, file))));
  return gone === false && there === true;
}
