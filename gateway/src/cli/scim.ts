/** `countersign scim`: tokens for identity providers that push people and groups. Shown once, here; only a hash is kept. */
import { hashCredential, makeCredential } from '../identity/credential.ts';
import { readArguments, wholeNumber } from './dispatch/arguments.ts';
import { group } from './dispatch/group.ts';
import { writeJson } from './output.ts';
import { instant } from './render/time.ts';
import { EXIT, type Verb } from './verb.ts';

const DAYS_DEFAULT = 365;
const DAYS_MAX = 1825;

const newToken: Verb = {
  about: 'Make a token for an identity provider',
  usage: `countersign scim new-token PROVIDER [--days N] [--json]

  --days N   when it expires (default ${DAYS_DEFAULT}, at most ${DAYS_MAX})

Makes a bearer token on this machine and prints it once, with the line for countersign.yaml. It works once the running
gateway has taken up the changed file. To rotate: add the new line below the old one, change it at the provider, then
remove the old one. It opens /scim/v2 and nothing else. Set-up: docs/identity.md.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { json: { type: 'boolean' }, days: { type: 'string' } },
      arguments: ['PROVIDER'],
    });
    const [provider = ''] = given;
    const days = wholeNumber('days', values.days, DAYS_MAX) ?? DAYS_DEFAULT;
    const token = makeCredential('scim');
    const hash = hashCredential(token);
    const expires = instant(Date.now() + days * 86_400_000).slice(0, 10);
    if (values.json === true) writeJson(io, { provider, token, hash, expires });
    else
      io.stdout.write(
        `Token, shown this once (give it to the provider, keep it secret):\n  ${token}\n\nIn countersign.yaml, under scim → ${provider} → tokens:\n  - { hash: "${hash}", expires: ${expires} }\n`,
      );
    return EXIT.ok;
  },
};

export const verb = group('scim', 'Let an identity provider push people and groups', {
  'new-token': newToken,
});
