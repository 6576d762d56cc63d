/** The `channels.teams` part of the configuration: one bot, of one tenant, and where its cards go. */
import { z } from 'zod';
import { SECRET_REF } from '../../config/secrets.ts';
import { isIssuer } from '../../config/sign-in.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A channel or group chat by its id, one person by their Entra object id, or people here, each by themselves. */
const PLACE =
  /^(19:[\w.@=+-]{1,200}@(thread\.(tacv2|skype|v2)|unq\.gbl\.spaces)|user:[0-9a-f-]{36}|reviewers|group:[a-z0-9][a-z0-9_.-]{0,63})$/i;

const guid = (what: string) =>
  z
    .string()
    .regex(GUID, `must be the ${what}: a GUID such as 8a1c2b3d-0000-4000-8000-000000000000`)
    .transform((text) => text.toLowerCase());
const place = z
  .string()
  .regex(
    PLACE,
    'must be a Teams channel or chat (19:…@thread.tacv2), one person (user:<Entra object id>), group:<group> or reviewers',
  );
const address = z
  .string()
  .max(512)
  .refine(isIssuer, 'must be an https URL without query or fragment (http on this machine only)');

export const teamsSchema = z
  .strictObject({
    app_id: guid('application (client) id of the bot').describe(
      'Application (client) id of the bot’s app registration.',
    ),
    tenant: guid('directory (tenant) id').describe(
      'Directory (tenant) id. People of this tenant may answer; guests, and people of any other, may not.',
    ),
    client_secret: z
      .string()
      .regex(SECRET_REF, 'must be a reference to a secret: `env:NAME` or `file:PATH`, never the value itself')
      .describe('Reference to a client secret of the app registration.'),
    to: z
      .union([place, z.array(place).max(20)])
      .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given))
      .default([])
      .describe(
        'Where requests go that no route speaks of: a channel or a group chat by its id (write `place` to the bot there to see it); `user:<Entra object id>`; `group:dba`, each member of a group of people by themselves; or `reviewers`, everyone who may answer by themselves.',
      ),
    cloud: z
      .enum(['public', 'gcc', 'gcch', 'dod'])
      .default('public')
      .describe(
        'The Microsoft cloud the tenant is in. It decides whose tokens count, and where the bot’s own may go.',
      ),
    endpoints: z
      .strictObject({
        login: address.describe('In place of `https://login.microsoftonline.com`.'),
        openid: address.describe(
          'In place of `https://login.botframework.com/v1/.well-known/openidconfiguration`.',
        ),
        service: address.describe(
          'In place of `https://smba.trafficmanager.net/teams`. No other host is then sent anything.',
        ),
      })
      .exactOptional()
      .describe(
        'For a cloud that is not listed, or a counterpart for tests. The issuer of tokens stays the cloud’s.',
      ),
  })
  .describe('A Microsoft Teams bot whose cards people answer. Set-up: docs/teams.md.');

export type TeamsConfig = z.infer<typeof teamsSchema>;
