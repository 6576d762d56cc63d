/** `countersign webhooks`: places that are told what happens, whether they take it, what they did not; and secrets for them. */
import type { WebhookDead, WebhookEndpoint } from '@countersign/sdk';
import { newSecret } from '../../webhooks/sign.ts';
import { CLIENT_OPTIONS, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { contained, lookOf, writeJson } from '../output.ts';
import { ago, instant } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Verb } from '../verb.ts';

const COLUMNS: readonly Column<WebhookEndpoint>[] = [
  { title: 'place', cell: ({ name }) => name, style: () => 'accent', yields: 'last' },
  { title: 'at', cell: ({ to, configured }) => (configured ? to.join(', ') : 'not configured any more') },
  { title: 'state', cell: stateOf, style: (each) => (isWell(each) ? 'plain' : 'alarm') },
  { title: 'told', cell: ({ delivered }) => String(delivered), align: 'right' },
  { title: 'waiting', cell: ({ waiting }) => String(waiting), align: 'right' },
  {
    title: 'dead',
    cell: ({ dead }) => String(dead),
    style: ({ dead }) => (dead === 0 ? 'dim' : 'alarm'),
    align: 'right',
  },
];

const isWell = ({ failing_since, gone_at }: WebhookEndpoint): boolean =>
  failing_since === undefined && gone_at === undefined;

function stateOf({ failing_since, gone_at, trouble = '', last_delivered_at }: WebhookEndpoint): string {
  if (gone_at !== undefined) return 'says it is gone (410)';
  if (failing_since !== undefined) return `fails since ${ago(failing_since, Date.now())}: ${trouble}`;
  return last_delivered_at === undefined
    ? 'nothing told yet'
    : `took one ${ago(last_delivered_at, Date.now())}`;
}

const list: Verb = {
  about: 'List places that are told what happens, and whether they take it',
  usage: `countersign webhooks list [--json] [--url URL]

For operators and auditors. Exit code 1 when a place does not take what it is told.`,
  async run(args, io) {
    const { values } = readArguments(args, { options: CLIENT_OPTIONS });
    const page = await (await openClient(io, values)).webhooks.list();
    if (values.json === true) writeJson(io, page);
    else
      io.stdout.write(
        table(
          page.items,
          { columns: COLUMNS, none: 'No webhook is configured (channels.webhooks).' },
          lookOf(io),
        ),
      );
    return page.items.every((each) => isWell(each) && each.dead === 0) ? EXIT.ok : EXIT.no;
  },
};

const DEAD_COLUMNS: readonly Column<WebhookDead>[] = [
  { title: 'leaf', cell: ({ leaf_index }) => String(leaf_index), style: () => 'accent', align: 'right' },
  { title: 'type', cell: ({ type }) => type },
  { title: 'about', cell: ({ subject }) => subject },
  { title: 'made', cell: ({ made_at }) => instant(made_at) },
  { title: 'tried', cell: ({ attempts }) => String(attempts), align: 'right' },
  { title: 'why', cell: ({ trouble }) => trouble, yields: true },
];

const NAMES = 'PLACE is a name of `countersign webhooks list`: webhook:ID, or callback:AGENT.';
/** The kind may be left out. */
const named = (given = ''): string => (given.includes(':') ? given : `webhook:${given}`);

const dead: Verb = {
  about: 'List notices that are not tried again',
  usage: `countersign webhooks dead PLACE [--json] [--url URL]

${NAMES} They are kept 30 days; the entries they speak of stay in the log. For operators and auditors.`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['PLACE'] });
    const page = await (await openClient(io, values)).webhooks.dead(named(given[0]));
    if (values.json === true) writeJson(io, page);
    else io.stdout.write(table(page.items, { columns: DEAD_COLUMNS, none: 'Nothing is dead.' }, lookOf(io)));
    return EXIT.ok;
  },
};

const LEAF_MAX = Number.MAX_SAFE_INTEGER;

const replay: Verb = {
  about: 'Try dead notices again',
  usage: `countersign webhooks replay PLACE [--leaf N] [--json] [--url URL]

  --leaf N   only this one, as \`countersign webhooks dead\` names it (default: all)

${NAMES} A place that said it is gone is told again. For operators.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, leaf: { type: 'string' } },
      arguments: ['PLACE'],
    });
    const leaf_index = wholeNumber('leaf', values.leaf, LEAF_MAX);
    const client = await openClient(io, values);
    const done = await client.webhooks.replay(
      named(given[0]),
      leaf_index === undefined ? {} : { leaf_index },
    );
    if (values.json === true) writeJson(io, done);
    else io.stdout.write(`Tried again: ${done.replayed}\n`);
    return EXIT.ok;
  },
};

const test: Verb = {
  about: 'Send a notice that tells nothing, and say what came back',
  usage: `countersign webhooks test PLACE [--json] [--url URL]

Of type countersign.test, signed as every other. Exit code 1 when it was not taken. For operators.`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['PLACE'] });
    const tried = await (await openClient(io, values)).webhooks.test(named(given[0]));
    if (values.json === true) writeJson(io, tried);
    else
      io.stdout.write(
        tried.taken ? `Taken, in ${tried.took_ms} ms.\n` : `Not taken: ${contained(tried.trouble)}\n`,
      );
    return tried.taken ? EXIT.ok : EXIT.no;
  },
};

const rotate: Verb = {
  about: 'Make a secret, and say how to move a place to it',
  usage: `countersign webhooks rotate ID [--json]

Makes a secret on this machine and prints it once. Nothing is changed: the gateway signs with it once it is in its
environment and in countersign.yaml. List the old one second until the receiver knows the new one.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { json: { type: 'boolean' } },
      arguments: ['ID'],
    });
    const id = (given[0] ?? '').replace(/^webhook:/, '');
    const secret = newSecret();
    const name = `${id.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_WEBHOOK_SECRET`;
    if (values.json === true) writeJson(io, { id, secret });
    else
      io.stdout.write(`Secret, shown this once (keep it secret):
  ${secret}

1. Set it for the gateway’s process, such as ${contained(name)}_NEW, and in countersign.yaml, under channels → webhooks → ${contained(id)}:
     secret: [env:${contained(name)}_NEW, env:${contained(name)}]
   then restart the gateway: every notice is signed with both.
2. Give it to the receiver.
3. Take the old one out.
`);
    return EXIT.ok;
  },
};

export const verb = group('webhooks', 'See places that are told what happens, and tell them again', {
  list,
  dead,
  replay,
  test,
  rotate,
});
