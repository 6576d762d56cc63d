/**
 * Before the first act, with services of one's own: whether each works, and making one's account there one's own here, as
 * everybody must once. It can be left out; then the console and this terminal answer, and a card says what is missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { escapeTerminal } from '@countersign/core';
import type { ChannelStatus, Client } from '@countersign/sdk';
import { createPrompt } from '../../requests/prompt.ts';
import { openInBrowser } from '../../setup/open.ts';
import type { Io } from '../../verb.ts';
import type { Say } from '../story.ts';
import { type Answering, answeringOf, callingOf, type OwnChannels } from './file.ts';
import { startAgreeing } from './operator.ts';

export type Joining = {
  readonly say: Say;
  readonly io: Io;
  readonly operator: Client;
  readonly own: OwnChannels;
  readonly world: { readonly public_url: string };
  readonly linkTo: (path: string) => Promise<string>;
  readonly opens: boolean;
  /** What must be closed at the end, however it ends. */
  readonly open: AsyncDisposableStack;
};

const NAMES: { readonly [kind: string]: string } = { slack: 'Slack', teams: 'Teams', mail: 'Mail' };
const nameOf = (kind: string): string => NAMES[kind] ?? kind;

/** Where cards can be answered, in words; undefined where nowhere. */
export function servicesOf(own: OwnChannels): string | undefined {
  const kinds = answeringOf(own);
  return kinds.length === 0 ? undefined : kinds.map(nameOf).join(' or ');
}

const HOW: { readonly [K in Answering]: string } = {
  slack: 'write /countersign link in Slack, anywhere',
  teams: 'write link to the bot in Teams, in a chat of your own',
};

/** False when the terminal went away. */
export async function tellJoining(joining: Joining): Promise<boolean> {
  const { say, own, operator, world } = joining;
  say.step(0, `Your own channels, as ${own.name} says`);
  for (const state of await settled(operator)) tellState(say, state);
  const told = Object.keys(own.config.webhooks);
  if (told.length > 0) say.mark('told', `webhooks: ${told.map(escapeTerminal).join(', ')}`);
  const calling = callingOf(own);
  if (calling.length > 0 && own.public_url === undefined)
    say.dim(
      `${calling.map(nameOf).join(' and ')} must reach this machine, and ${world.public_url} is no address for that. Put the https address of a tunnel to it into ${own.name} as public_url.`,
    );
  return answeringOf(own).length === 0 ? true : join(joining);
}

async function join({ say, io, operator, own, linkTo, opens, open }: Joining): Promise<boolean> {
  const agreeing = startAgreeing(operator, say);
  open.defer(agreeing.stop);
  const address = await linkTo('/');
  const [first = 'slack', ...more] = answeringOf(own);
  say.line();
  say.line('   Nobody there is known here yet. Sign in here first (as Robin, works once):');
  say.line();
  say.line(`   ${address}`);
  say.line();
  say.dim(
    `Then ${[first, ...more].map((kind) => HOW[kind]).join(', or ')}; open what you are given in that browser, and press the button. Press Enter to go on without.`,
  );
  if (opens) openInBrowser(address);
  const stop = new AbortController();
  const prompt = createPrompt(io);
  try {
    await Promise.race([prompt.ask('', stop.signal), agreeing.linked]);
    stop.abort();
    return !prompt.closed;
  } finally {
    prompt.close();
  }
}

function tellState(say: Say, { kind, ok, says, places }: ChannelStatus): void {
  const to = places.length === 0 ? 'Cards go where its routes say.' : `Cards go to ${places.join(', ')}.`;
  const words = `${nameOf(kind)}: ${says.replace(/\.$/, '')}. `;
  if (ok) say.mark('reached', escapeTerminal(`${words}${to}`));
  else {
    say.mark('broken', escapeTerminal(`${words}It is tried again by itself.`));
    say.dim(`What to do about it stands in docs/${kind}.md.`);
  }
}

const SETTLE_MS = 5_000;
const LOOK_MS = 100;

/** A service that answers does so by then; one that does not is told as it is. */
async function settled(operator: Client): Promise<readonly ChannelStatus[]> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const { items } = await operator.channels.list();
    if (items.every(({ ok }) => ok) || Date.now() > deadline) return items;
    await sleep(LOOK_MS);
  }
}
