/**
 * The `channels.slack` part of the configuration: which app, which workspaces, how Slack reaches the gateway, and where
 * cards go. Secrets are references; their values arrive with the channel, and stand nowhere else (I7).
 */
import { z } from 'zod';
import { SECRET_REF } from '../../config/secrets.ts';

const secretRef = z
  .string()
  .regex(SECRET_REF, 'must be a reference to a secret: `env:NAME` or `file:PATH`, never the value itself')
  .meta({ title: 'secret by reference' });

const slackId = (letter: string, what: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${letter}[A-Z0-9]{2,20}$`),
      `must be the id of ${what}, ${letter} and capitals or digits`,
    );

/** `C…` or `G…`, with `+S…` a user group to mention; `U…` or `W…`; `S…`. */
export const PLACE = /^(?:[CG][A-Z0-9]{2,20}(?:\+S[A-Z0-9]{2,20})?|[UW][A-Z0-9]{2,20}|S[A-Z0-9]{2,20})$/;

export const slackSchema = z
  .strictObject({
    app_id: slackId('A', 'a Slack app').describe(
      'The app’s id (Basic Information → App ID). What another app sends is refused.',
    ),
    bot_token: secretRef.describe('The bot token, `xoxb-…` (OAuth & Permissions).'),
    app_token: secretRef
      .exactOptional()
      .describe(
        'The app-level token, `xapp-…`, with `connections:write`. With it the gateway connects to Slack (Socket Mode), and Slack needs no way in.',
      ),
    signing_secret: secretRef
      .exactOptional()
      .describe(
        'The signing secret (Basic Information). With it Slack calls `/channels/slack/events` of the gateway. Give this or `app_token`.',
      ),
    workspaces: z
      .array(slackId('T', 'a workspace'))
      .max(100)
      .default([])
      .describe(
        'Workspaces whose full members may answer, by id. Guests, and members of any other, never may.',
      ),
    enterprise: slackId('E', 'an Enterprise Grid organisation')
      .exactOptional()
      .describe(
        'On Enterprise Grid: the organisation. Its full members may answer, whichever of its workspaces they are in, and accounts are known by it.',
      ),
    to: z
      .array(
        z
          .string()
          .regex(
            PLACE,
            'must be a channel C…, a channel and a user group to mention C…+S…, a person U…, or a user group S…',
          ),
      )
      .max(20)
      .default([])
      .describe(
        'Where cards go that no route speaks of: a channel (`C…`), a channel with a user group mentioned, say who is on call (`C…+S…`), a person (`U…`), or each member of a user group by themselves (`S…`).',
      ),
    accounts: z
      .enum(['link', 'email'])
      .default('link')
      .describe(
        'How a Slack account becomes a person’s: `link`, they confirm it once, signed in here; `email`, also when Slack says it confirmed the address this person has here. With `email`, who administers Slack can make somebody that person.',
      ),
    api: z
      .url()
      .refine((text) => isApi(text), 'must be an https URL ending in /api/, such as https://slack.com/api/')
      .default('https://slack.com/api/')
      .describe('Slack’s Web API. GovSlack: `https://slack-gov.com/api/`.'),
  })
  .refine(({ app_token, signing_secret }) => (app_token === undefined) !== (signing_secret === undefined), {
    message: 'give app_token (Socket Mode) or signing_secret (Slack calls the gateway), one of them',
    path: ['app_token'],
  })
  .refine(({ workspaces, enterprise }) => workspaces.length > 0 || enterprise !== undefined, {
    message: 'name at least one workspace, or the enterprise: nobody else may answer',
    path: ['workspaces'],
  })
  .describe('Slack: cards in channels and direct messages, answered by a click. Set-up: docs/slack.md.');

export type SlackConfig = z.infer<typeof slackSchema>;

/** Plain http only to this machine, for a counterpart in tests. */
function isApi(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.search !== '' || url.hash !== '') return false;
  const here = /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(url.hostname);
  return url.pathname.endsWith('/api/') && (url.protocol === 'https:' || (here && url.protocol === 'http:'));
}
