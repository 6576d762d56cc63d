/** `countersign teams`: the app as Teams installs it. It asks nobody; what is not given is read from the configuration. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { appPackage, manifestOf, NAME_CHARACTERS_MAX } from '../../channels/teams/manifest/manifest.ts';
import { loadConfig } from '../../config/config.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { writeJson } from '../output.ts';
import { CONFIG_FILE } from '../serve.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';

const FILE = 'countersign-teams.zip';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const manifest: Verb = {
  about: 'Make the app package that Teams installs',
  usage: `countersign teams manifest [--app-id ID] [--url URL] [--name NAME] [--version X.Y.Z]
                           [--privacy URL] [--terms URL] [--out FILE | --json] [--config FILE]

  --app-id ID      the bot's application (client) id (default channels.teams.app_id of the configuration)
  --url URL        the gateway's public https URL (default public_url of the configuration)
  --name NAME      what the app is called in Teams (default Countersign)
  --version X.Y.Z  of the app; Teams takes a changed package only with a higher one (default 1.0.0)
  --privacy URL    your privacy statement (default the gateway)
  --terms URL      your terms of use (default the gateway)
  --out FILE       where to write it (default ${FILE})
  --json           print the manifest alone

Upload it at Teams admin center → Teams apps → Manage apps → Upload new app, or in Teams under Apps → Manage your apps →
Upload an app. What each permission is for: docs/teams.md.`,
  async run(args, io) {
    const text = { type: 'string' } as const;
    const { values } = readArguments(args, {
      options: {
        'app-id': text,
        url: text,
        name: text,
        version: text,
        privacy: text,
        terms: text,
        out: text,
        config: text,
        json: { type: 'boolean' },
      },
    });
    const { name = 'Countersign', version = '1.0.0', privacy, terms, out } = values;
    if (name.trim() === '' || name.length > NAME_CHARACTERS_MAX)
      throw new UsageError(`--name has 1 to ${NAME_CHARACTERS_MAX} characters`);
    if (!/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(version)) throw new UsageError('--version is X.Y.Z');
    const { app_id, url } = given({ app_id: values['app-id'], url: values.url, config: values.config }, io);
    const made = manifestOf({
      app_id: app_id.toLowerCase(),
      url: httpsUrl('--url', url),
      name,
      version,
      ...(privacy === undefined ? {} : { privacy_url: httpsUrl('--privacy', privacy) }),
      ...(terms === undefined ? {} : { terms_url: httpsUrl('--terms', terms) }),
    });
    if (values.json === true) writeJson(io, made);
    else {
      const file = path.resolve(io.cwd, out ?? FILE);
      writeFileSync(file, appPackage(made));
      io.stdout.write(
        `${path.relative(io.cwd, file) || file}: the app “${name}” ${version}, bot ${app_id}\n`,
      );
    }
    return EXIT.ok;
  },
};

type Given = {
  readonly app_id: string | undefined;
  readonly url: string | undefined;
  readonly config: string | undefined;
};

function given({ app_id, url, config }: Given, io: Io): { readonly app_id: string; readonly url: string } {
  if (app_id !== undefined && !GUID.test(app_id))
    throw new UsageError('--app-id is the bot’s application (client) id, a GUID');
  if (app_id !== undefined && url !== undefined) return { app_id, url };
  const { channels, public_url } = loadConfig(path.resolve(io.cwd, config ?? CONFIG_FILE));
  const id = app_id ?? channels.teams?.app_id;
  if (id === undefined)
    throw new UsageError('which bot? Give --app-id, or set channels.teams.app_id in the configuration');
  return { app_id: id, url: url ?? public_url };
}

function httpsUrl(flag: string, text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '')
    throw new UsageError(`${flag}: ${text} is no https URL, and Teams takes no other`);
  return url.href;
}

export const verb = group('teams', 'Set up the Microsoft Teams app', { manifest });
