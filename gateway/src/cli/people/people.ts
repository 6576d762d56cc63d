/** `countersign people`: whose accounts are whose; linking one to a person and unlinking it, which others agree to. */
import { type Account, everyItem, type Page } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { settle } from '../operators/held.ts';
import { lookOf, writeJson } from '../output.ts';
import { inline } from '../render/frame.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, UsageError, type Verb } from '../verb.ts';

const HOW: { readonly [S in Account['source']]: string } = {
  configuration: 'configuration',
  link: 'linked',
  oidc: 'signed in with it',
  scim: 'pushed by their provider',
};

const COLUMNS: readonly Column<Account>[] = [
  { title: 'person', cell: ({ person }) => person, style: () => 'accent' },
  { title: 'account', cell: ({ account }) => account, yields: 'last' },
  {
    title: 'theirs by',
    cell: ({ source, linked_by }) =>
      linked_by === undefined ? HOW[source] : `${HOW[source]} by ${linked_by}`,
  },
  { title: 'known as', cell: ({ known_as }) => known_as ?? '–', style: () => 'dim' },
];

const list: Verb = {
  about: 'List whose accounts are whose',
  usage: `countersign people list [--person PERSON] [--json] [--url URL]

  --person PERSON   only theirs

Your own; everybody’s for operators and auditors. Under “known as” stands the id a provider made somebody known
under who is another person here: that one stands aside, and both are one human.`,
  async run(args, io) {
    const { values } = readArguments(args, { options: { ...CLIENT_OPTIONS, person: { type: 'string' } } });
    const client = await openClient(io, values);
    const of = values.person === undefined ? {} : { person: values.person };
    const items: Account[] = [];
    for await (const each of everyItem((paging) => client.accounts.list({ ...of, ...paging })))
      items.push(each);
    if (values.json === true) writeJson(io, { items } satisfies Page<Account>);
    else
      io.stdout.write(
        table(items, { columns: COLUMNS, none: 'No account is linked to anybody.' }, lookOf(io)),
      );
    return EXIT.ok;
  },
};

const change = (way: 'link' | 'unlink'): Verb => ({
  about: way === 'link' ? 'Link an account to a person' : 'Unlink an account from a person',
  usage: `countersign people ${way} PERSON --account ACCOUNT [--wait] [--json] [--url URL]

  --account ACCOUNT   slack:U024BE7LH, teams:…, email:ann@example.com, oidc:<issuer>#<subject>
  --wait              waits until the others have answered

${way === 'link' ? LINK_USAGE : UNLINK_USAGE}`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, account: { type: 'string' }, wait: { type: 'boolean' } },
      arguments: ['PERSON'],
    });
    const [person = ''] = given;
    const { account } = values;
    if (account === undefined)
      throw new UsageError('--account ACCOUNT is missing: such as --account slack:U024BE7LH');
    const client = await openClient(io, values);
    const held = await client.accounts[way](person, { account });
    if (held !== undefined) return settle(client, held, { io, values });
    if (values.json === true) writeJson(io, { person, account, status: `${way}ed` });
    else
      io.stdout.write(
        way === 'link'
          ? `${inline(account)} is ${inline(person)}’s.\n`
          : `${inline(account)} is no longer ${inline(person)}’s. What was asked before still binds both.\n`,
      );
    return EXIT.ok;
  },
});

const LINK_USAGE = `For yourself, or as an operator for others. Where two operators are needed another must agree; who is no operator
always needs one. Nobody agrees to what is about them. From then on the account is the person: whoever signs in with it
is, and what it asked for they cannot review.`;

const UNLINK_USAGE = `For yourself, or as an operator for others, as with link. Sessions that came in by the account end. Whoever had it
stays bound to what was asked before: being unlinked frees nobody from it.`;

export const verb = group('people', 'See whose accounts are whose, link and unlink them', {
  list,
  link: change('link'),
  unlink: change('unlink'),
});
