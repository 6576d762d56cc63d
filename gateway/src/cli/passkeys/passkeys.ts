/** `countersign passkeys`: whose keys sign reviews. Making one takes a browser; confirming and revoking one does not. */
import type { Client, Passkey } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { lookOf, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';

/** As the page shows it: the first half, 128 bits, which nobody makes a second key for. */
const FINGERPRINT_DIGITS = 32;
export const fingerprint = ({ key_digest }: Pick<Passkey, 'key_digest'>): string =>
  (key_digest.slice('sha256:'.length, 'sha256:'.length + FINGERPRINT_DIGITS).match(/.{4}/g) ?? []).join(' ');

const COLUMNS: readonly Column<Passkey>[] = [
  { title: 'passkey', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'person', cell: ({ person }) => person },
  { title: 'name', cell: ({ name }) => name, yields: true },
  {
    title: 'status',
    cell: ({ status }) => status,
    style: ({ status }) => (status === 'active' ? 'plain' : 'dim'),
  },
  { title: 'fingerprint', cell: fingerprint },
];

const list: Verb = {
  about: 'List your passkeys; as an operator or auditor everyone’s',
  usage: `countersign passkeys list [--json] [--url URL]

You make one in the console, at /account. It counts once another operator has confirmed it.`,
  async run(args, io) {
    const { values } = readArguments(args, { options: CLIENT_OPTIONS });
    const page = await (await openClient(io, values)).passkeys.list();
    const none = 'No passkeys. Make one in the console, at /account.';
    if (values.json === true) writeJson(io, page);
    else io.stdout.write(table(page.items, { columns: COLUMNS, none }, lookOf(io)));
    return EXIT.ok;
  },
};

const confirm: Verb = {
  about: 'Confirm that a passkey is its owner’s',
  usage: `countersign passkeys confirm ID FINGERPRINT [--json] [--url URL]

  FINGERPRINT   as its owner reads it to you, face to face or in a call you made; spaces do not matter

Operators only, and never for a key of one’s own. Whoever holds a confirmed key can sign reviews in its owner’s name.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: CLIENT_OPTIONS,
      arguments: ['ID', 'FINGERPRINT'],
    });
    const [id = '', read = ''] = given;
    const client = await openClient(io, values);
    const key = await keyOf(client, id);
    if (!isFingerprintOf(key, read)) {
      io.stderr.write(
        'The fingerprint is not this key’s. Do not confirm it: somebody else may have made it.\n',
      );
      return EXIT.no;
    }
    return told(io, values, await client.passkeys.confirm(id, key.key_digest));
  },
};

async function keyOf(client: Client, id: string): Promise<Passkey> {
  const key = (await client.passkeys.list()).items.find((each) => each.id === id);
  if (key === undefined) throw new UsageError(`${id}: no such passkey; see: countersign passkeys list`);
  return key;
}

/** The half that is shown, or the whole digest; nothing shorter, which others might share. */
function isFingerprintOf({ key_digest }: Passkey, read: string): boolean {
  const digits = read
    .toLowerCase()
    .replace(/^sha256:/, '')
    .replaceAll(/[\s:-]/g, '');
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < FINGERPRINT_DIGITS)
    throw new UsageError(
      `FINGERPRINT: give all ${FINGERPRINT_DIGITS} digits its owner reads to you, in quotes`,
    );
  return key_digest.slice('sha256:'.length).startsWith(digits);
}

const rename: Verb = {
  about: 'Name a passkey of yours',
  usage: 'countersign passkeys rename ID NAME [--json] [--url URL]',
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID', 'NAME'] });
    const [id = '', name = ''] = given;
    return told(io, values, await (await openClient(io, values)).passkeys.rename(id, name));
  },
};

const revoke: Verb = {
  about: 'Revoke a passkey: yours, or as an operator anyone’s',
  usage: `countersign passkeys revoke ID [--json] [--url URL]

At once and for good. What it signed and has not run no longer counts.`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID'] });
    return told(io, values, await (await openClient(io, values)).passkeys.revoke(given[0] ?? ''));
  },
};

const SAID: { readonly [S in Passkey['status']]: string } = {
  pending: 'Renamed. It waits to be confirmed.',
  active: 'Done. It counts.',
  revoked: 'Revoked. What it signed and has not run no longer counts.',
};

function told(io: Io, { json }: { readonly json?: boolean | undefined }, key: Passkey): number {
  if (json === true) writeJson(io, key);
  else io.stdout.write(`${SAID[key.status]}\n`);
  return EXIT.ok;
}

export const verb = group('passkeys', 'See, confirm and revoke the keys that sign reviews', {
  list,
  confirm,
  rename,
  revoke,
});
