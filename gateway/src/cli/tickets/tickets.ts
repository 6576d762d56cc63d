/** `countersign tickets`: keys for ticket systems. Shown once, here; only a hash is kept. */
import { hashCredential, makeCredential } from '../../identity/credential.ts';
import { readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { writeJson } from '../output.ts';
import { instant } from '../render/time.ts';
import { EXIT, type Verb } from '../verb.ts';

const DAYS_DEFAULT = 365;
const DAYS_MAX = 1825;

const newKey: Verb = {
  about: 'Make a key for a ticket system',
  usage: `countersign tickets new-key SYSTEM [--days N] [--json]

  --days N   when it expires (default ${DAYS_DEFAULT}, at most ${DAYS_MAX})

Makes a key on this machine and prints it once, with the line for countersign.yaml. It works once the running gateway
has taken up the changed file. To rotate: add the new line below the old one, change it in the ticket system, then
remove the old one. It opens /ticketing and nothing else, and never approves. Set-up: docs/tickets.md.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { json: { type: 'boolean' }, days: { type: 'string' } },
      arguments: ['SYSTEM'],
    });
    const [system = ''] = given;
    const days = wholeNumber('days', values.days, DAYS_MAX) ?? DAYS_DEFAULT;
    const key = makeCredential('ticket');
    const hash = hashCredential(key);
    const expires = instant(Date.now() + days * 86_400_000).slice(0, 10);
    if (values.json === true) writeJson(io, { system, key, hash, expires });
    else
      io.stdout.write(
        `Key, shown this once (give it to the ticket system, keep it secret):\n  ${key}\n\nIn countersign.yaml, under ticketing → ${system} → keys:\n  - { hash: "${hash}", expires: ${expires} }\n`,
      );
    return EXIT.ok;
  },
};

export const verb = group('tickets', 'Let a ticket system comment, refuse and relay', {
  'new-key': newKey,
});
