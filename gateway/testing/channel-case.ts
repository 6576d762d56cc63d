/** One case of the contract of channels: what it needs of the service, and what it does there. */
import assert from 'node:assert/strict';
import type { ChannelsConfig } from '../src/channels/config.ts';
import type { SeenCard, Who } from './driver.ts';
import type { Paper } from './paper.ts';
import type { Reached } from './reaching.ts';

export type ContractCase = {
  readonly name: string;
  /** `words`: that people can write there, and are read. */
  readonly needs?: 'clicks' | 'words';
  /** Instead of every request a card of its own. */
  readonly config?: (kind: string) => Partial<ChannelsConfig>;
  readonly run: (world: Reached, paper: Paper) => Promise<void>;
};

export const approve = { decision: 'approved' } as const;
export const deny = { decision: 'denied', reason: 'not on a Friday' } as const;

/** A click that may change nothing; whoever is known there hears why. */
export async function changesNothing(
  { driver, status, counted }: Reached,
  { as, card, request }: { readonly as: Who; readonly card: SeenCard; readonly request: string },
): Promise<string> {
  const before = [await status(request), await counted(request)];
  const told = await driver.click(as, card, approve);
  assert.deepEqual([await status(request), await counted(request)], before);
  return told;
}
