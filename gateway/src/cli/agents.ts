/** `countersign agents`: who may call, and making them keys. A key is shown once, here; only its hash is ever kept. */
import type { Agent } from '@countersign/sdk';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import { CLIENT_OPTIONS, readArguments } from './dispatch/arguments.ts';
import { group } from './dispatch/group.ts';
import { lookOf, writeJson } from './output.ts';
import { openClient } from './session.ts';
import { type Column, table } from './table.ts';
import { EXIT, type Verb } from './verb.ts';

const COLUMNS: readonly Column<Agent>[] = [
  { title: 'agent', cell: ({ id }) => id, style: () => 'accent' },
  {
    title: 'owner',
    cell: ({ owner }) => owner ?? 'nobody',
    style: ({ owner }) => (owner === null ? 'alarm' : 'plain'),
  },
  { title: 'team', cell: ({ team }) => team ?? '–' },
  { title: 'keys', cell: ({ keys }) => String(keys), align: 'right' },
  { title: 'waiting', cell: ({ pending_requests }) => String(pending_requests), align: 'right' },
];

const list: Verb = {
  about: 'List agents, their owners, and how much of theirs waits for review',
  usage: 'countersign agents list [--json] [--url URL]',
  async run(args, io) {
    const { values } = readArguments(args, { options: CLIENT_OPTIONS });
    const page = await (await openClient(io, values)).agents.list();
    if (values.json === true) writeJson(io, page);
    else
      io.stdout.write(table(page.items, { columns: COLUMNS, none: 'No agents are configured.' }, lookOf(io)));
    return EXIT.ok;
  },
};

const newKey: Verb = {
  about: 'Make a key for an agent',
  usage: `countersign agents new-key NAME [--json]

Makes a key on this machine and prints it once, with the line for countersign.yaml. It works once the running
gateway has taken up the changed file. To rotate: add the new hash, move the agent over, then remove the old one.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { json: { type: 'boolean' } },
      arguments: ['NAME'],
    });
    const [agent = ''] = given;
    const key = makeCredential('agent');
    const hash = hashCredential(key);
    if (values.json === true) writeJson(io, { agent, key, hash });
    else {
      io.stdout.write(
        `Key, shown this once (give it to the agent, keep it secret):\n  ${key}\n\nIn countersign.yaml, under agents → ${agent} → keys:\n  - "${hash}"\n`,
      );
    }
    return EXIT.ok;
  },
};

export const verb = group('agents', 'See agents and make their keys', { list, 'new-key': newKey });
