/** Channels and what is carried to them, put together: the doors they are opened with, and cards for them. Nothing here decides. */

import type { Changes } from './authority/changes.ts';
import { type Cards, createCards } from './cards/cards.ts';
import { createLinking, type Linking } from './cards/linking.ts';
import type { Config } from './config/config.ts';
import type { Deps } from './deps.ts';
import { createRosterChanges } from './identity/roster/changes.ts';
import type { Operating } from './in-force/operating.ts';
import { toLink } from './operations/links/may.ts';
import type { Requests } from './requests/requests.ts';

export type Reaching = { readonly cards: Cards; readonly linking: Linking };

export type ReachingParts = {
  readonly deps: Deps;
  readonly requests: Requests;
  readonly config: Config;
  readonly operating: Pick<Operating, 'accounts'>;
  readonly changes: Changes;
};

export function openReaching({ deps, requests, config, operating, changes }: ReachingParts): Reaching {
  const { now } = deps;
  const linking = createLinking({
    ...deps,
    accounts: operating.accounts,
    people: createRosterChanges({ changes, now }),
    adopts: (channel) => adopts(config.channels, channel),
    mayLink: toLink,
  });
  return { linking, cards: createCards({ deps, requests, config: config.channels, linking }) };
}

function adopts(channels: object, kind: string): boolean {
  const own: unknown = Object.hasOwn(channels, kind) ? Reflect.get(channels, kind) : undefined;
  return typeof own === 'object' && own !== null && Reflect.get(own, 'accounts') === 'email';
}
