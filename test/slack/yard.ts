/** A yard whose people are asked in Slack: the counterpart, and a configuration that names it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openYard, type Yard } from '../gateway/yard.ts';
import { type Slack, startSlack } from './counterpart/counterpart.ts';
import { PEOPLE, peopled, ROOM } from './stage.ts';

export type SlackYard = { readonly yard: Yard; readonly slack: Slack; close(): Promise<void> };

/** The gateway is stopped, its configuration written; `yard.restart()` or a process of its own starts it. */
export async function openSlackYard(
  transport: 'socket' | 'url',
  edit: (config: string) => string = (text) => text,
): Promise<SlackYard> {
  const yard = await openYard();
  const slack = await startSlack({ transport });
  peopled(slack);
  const { bot_token, app_token, signing_secret } = slack;
  for (const [name, value] of Object.entries({ bot_token, app_token, signing_secret }))
    await writeFile(path.join(yard.dir, name), value, { mode: 0o600 });
  await yard.editConfig(
    (text) => `${edit(text).replace('bob: { name: Bob,', BOB)}${configText(slack, transport)}`,
  );
  slack.reachedAt(`${yard.house.gateway.url}/channels/slack`);
  return {
    yard,
    slack,
    async close() {
      await yard.close();
      await slack.close();
    },
  };
}

const BOB = `bob: { name: Bob, accounts: ["slack:T0EXAMPLE/${PEOPLE.bob.id}"],`;

const configText = ({ app_id, api }: Slack, transport: 'socket' | 'url'): string => `channels:
  slack:
    app_id: ${app_id}
    bot_token: file:bot_token
    ${transport === 'socket' ? 'app_token: file:app_token' : 'signing_secret: file:signing_secret'}
    workspaces: [T0EXAMPLE]
    to: [${ROOM}]
    api: ${api}
`;
