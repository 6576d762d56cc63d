/** `countersign slack`: the app as Slack creates it from a manifest. It reads no configuration and asks nobody. */
import { manifestOf } from '../../channels/slack/manifest.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { writeJson } from '../output.ts';
import { EXIT, UsageError, type Verb } from '../verb.ts';

const NAME_CHARACTERS_MAX = 35;

const manifest: Verb = {
  about: 'Print the manifest from which Slack creates the app',
  usage: `countersign slack manifest [--socket | --url URL] [--name NAME] [--email] [--no-groups] [--no-history] [--org]

  --socket      the gateway connects to Slack, which needs no way in (the default)
  --url URL     Slack calls the gateway at its public URL, such as https://countersign.example.com
  --name NAME   what the app is called in Slack (default Countersign)
  --email       with users:read.email, for channels.slack.accounts: email
  --no-groups   without usergroups:read: no user groups as places
  --no-history  without reading the channels it posts in: after a crash a card may appear twice
  --org         for an Enterprise Grid organisation that installs it for its workspaces

Paste it at https://api.slack.com/apps → Create New App → From a manifest. What each permission is for: docs/slack.md.`,
  async run(args, io) {
    const flag = { type: 'boolean' } as const;
    const { values } = readArguments(args, {
      options: {
        socket: flag,
        url: { type: 'string' },
        name: { type: 'string' },
        email: flag,
        'no-groups': flag,
        'no-history': flag,
        org: flag,
      },
    });
    const { socket = false, url, name = 'Countersign' } = values;
    if (socket && url !== undefined) throw new UsageError('give --socket or --url, one of them');
    if (name.trim() === '' || name.length > NAME_CHARACTERS_MAX)
      throw new UsageError(`--name has 1 to ${NAME_CHARACTERS_MAX} characters`);
    writeJson(
      io,
      manifestOf({
        name,
        ...(url === undefined ? {} : { url: originOf(url) }),
        email: values.email === true,
        groups: values['no-groups'] !== true,
        history: values['no-history'] !== true,
        org: values.org === true,
      }),
    );
    return EXIT.ok;
  },
};

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new UsageError('--url is the gateway’s public https URL without a path: Slack calls no other');
  return url.origin;
}

export const verb = group('slack', 'Set up the Slack app', { manifest });
