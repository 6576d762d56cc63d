/**
 * The app Teams installs: a zip of the manifest (schema 1.22) and two icons. It asks for what the bot uses and nothing more:
 * no tab, no message extension, no files, no calls, no permission over chats or channels it was not added to.
 */
import type { JsonObject } from '@countersign/core';
import { COMMANDS } from '../commands.ts';
import { colorIcon, outlineIcon } from './icons.ts';
import { zip } from './zip.ts';

const SCHEMA = '1.22';
export const NAME_CHARACTERS_MAX = 30;
/** Teams’ limit for the name of who made the app. */
const DEVELOPER_CHARACTERS_MAX = 32;

export type ManifestParts = {
  readonly app_id: string;
  /** https, where people reach the gateway. */
  readonly url: string;
  readonly name: string;
  readonly version: string;
  readonly privacy_url?: string;
  readonly terms_url?: string;
};

export function manifestOf({
  app_id,
  url,
  name,
  version,
  privacy_url,
  terms_url,
}: ManifestParts): JsonObject {
  const { origin, hostname } = new URL(url);
  return {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${SCHEMA}/MicrosoftTeams.schema.json`,
    manifestVersion: SCHEMA,
    version,
    id: app_id,
    developer: {
      name: name.slice(0, DEVELOPER_CHARACTERS_MAX),
      websiteUrl: origin,
      privacyUrl: privacy_url ?? origin,
      termsOfUseUrl: terms_url ?? origin,
    },
    name: { short: name, full: name },
    description: {
      short: 'Review what AI agents ask to do, where you work.',
      full: 'Shows what an AI agent asks to do before it is done, and takes the answer of those who may give it. It answers to buttons and to a few words: link, waiting, place, help. It reads nothing else that is written.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#1F3A5F',
    bots: [
      {
        botId: app_id,
        scopes: ['personal', 'team', 'groupChat'],
        supportsFiles: false,
        isNotificationOnly: false,
        commandLists: [
          {
            scopes: ['personal', 'team', 'groupChat'],
            commands: Object.entries(COMMANDS).map(([title, description]) => ({ title, description })),
          },
        ],
      },
    ],
    permissions: ['identity', 'messageTeamMembers'],
    validDomains: [hostname],
    defaultInstallScope: 'team',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
  };
}

export const appPackage = (manifest: JsonObject): Uint8Array =>
  zip([
    { name: 'manifest.json', bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
    { name: 'color.png', bytes: colorIcon() },
    { name: 'outline.png', bytes: outlineIcon() },
  ]);
