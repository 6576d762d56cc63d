/** `countersign agents`: who may call, and making them keys. A key is shown once, here; only its hash is ever kept. */
import type { Agent, AgentCredential } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments, wholeNumber } from './dispatch/arguments.ts';
import { group } from './dispatch/group.ts';
import { contained, lookOf, writeJson } from './output.ts';
import { agentPowers } from './powers/agent.ts';
import { ago, instant } from './render/time.ts';
import { openClient } from './session.ts';
import { KEY_DAYS, keyLine, makeAgentKey } from './setup/agent-key.ts';
import { type Column, table } from './table.ts';
import { EXIT, UsageError, type Verb } from './verb.ts';

const COLUMNS: readonly Column<Agent>[] = [
  { title: 'agent', cell: ({ id }) => id, style: () => 'accent', yields: 'last' },
  {
    title: 'owner',
    cell: ({ owner }) => owner ?? 'nobody',
    style: ({ owner }) => (owner === null ? 'alarm' : 'plain'),
  },
  { title: 'team', cell: ({ team }) => team ?? '–' },
  { title: 'comes with', cell: comesWith, style: (agent) => (needsCare(agent) ? 'alarm' : 'plain') },
  { title: 'last', cell: lastUse },
  {
    title: 'state',
    cell: ({ paused }) => (paused === undefined ? 'runs' : `paused by ${paused.by}`),
    style: ({ paused }) => (paused === undefined ? 'plain' : 'alarm'),
  },
  { title: 'waiting', cell: ({ pending_requests }) => String(pending_requests), align: 'right' },
];

const needsCare = ({ credentials }: Agent): boolean => credentials.some(({ state }) => state !== 'live');

/** `2 keys, 1 expires soon`, `tokens`. */
function comesWith({ keys, credentials }: Agent): string {
  const parts = [
    ...(keys === 0 ? [] : [keys === 1 ? '1 key' : `${keys} keys`]),
    ...(credentials.some(({ kind }) => kind === 'token') ? ['tokens'] : []),
    ...counted(credentials, 'expiring', 'expires soon'),
    ...counted(credentials, 'expired', 'expired'),
  ];
  return parts.join(', ') || 'nothing yet';
}

function counted(
  credentials: readonly AgentCredential[],
  state: AgentCredential['state'],
  word: string,
): readonly string[] {
  const n = credentials.filter((each) => each.state === state).length;
  return n === 0 ? [] : [`${n} ${word}`];
}

function lastUse({ credentials }: Agent): string {
  const times = credentials.flatMap(({ last_used_at }) => (last_used_at === undefined ? [] : [last_used_at]));
  return times.length === 0 ? 'never' : ago(Math.max(...times), Date.now());
}

const list: Verb = {
  about: 'List agents, their owners, what they come in with, and how much of theirs waits for review',
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

const CREDENTIAL_COLUMNS: readonly Column<AgentCredential>[] = [
  { title: 'kind', cell: ({ kind }) => kind },
  { title: 'id', cell: ({ id }) => id, style: () => 'accent', yields: 'last' },
  { title: 'begins', cell: ({ prefix }) => prefix ?? '–' },
  { title: 'made', cell: ({ created_at }) => (created_at === undefined ? '–' : day(created_at)) },
  {
    title: 'expires',
    cell: ({ expires_at, kind }) =>
      expires_at === undefined ? (kind === 'key' ? 'never' : 'by itself') : day(expires_at),
  },
  {
    title: 'last used',
    cell: ({ last_used_at }) => (last_used_at === undefined ? 'never' : ago(last_used_at, Date.now())),
  },
  {
    title: 'state',
    cell: ({ state, oldest }) => (oldest ? `${state}, oldest: move away from it` : state),
    style: ({ state }) => (state === 'live' ? 'plain' : 'alarm'),
  },
];

const day = (at: number): string => instant(at).slice(0, 10);

const show: Verb = {
  about:
    'Show one agent: its keys or whose tokens it comes with, what it may do now, and the rules that bear on it',
  usage: `countersign agents show AGENT [--json] [--url URL]

What it may do is told from the policy in force this moment, tool by tool: allowed, asked of whom, denied; or, where the
arguments decide, which of these there could be and on what it depends. --json has it under “may”.

A key is shown by its id, the first 12 hex digits of its hash, and by how it begins where the configuration says so.`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['AGENT'] });
    const client = await openClient(io, values);
    const { items } = await client.agents.list();
    const agent = items.find(({ id }) => id === given[0]);
    if (agent === undefined) {
      io.stderr.write('There is no such agent; see: countersign agents list\n');
      return EXIT.no;
    }
    const may = await client.agents.policy(agent.id);
    if (values.json === true) writeJson(io, { ...agent, may });
    else {
      const none = 'It has not come in yet, and has no key.';
      io.stdout.write(table([agent], { columns: COLUMNS, none }, lookOf(io)));
      io.stdout.write(`\n${table(agent.credentials, { columns: CREDENTIAL_COLUMNS, none }, lookOf(io))}`);
      io.stdout.write(agentPowers(may, lookOf(io)));
    }
    return EXIT.ok;
  },
};

const DAYS_MAX = 3650;

const newKey: Verb = {
  about: 'Make a key for an agent',
  usage: `countersign agents new-key NAME [--days N] [--json]

  --days N   when it expires (default ${KEY_DAYS}; 0: never)

Makes a key on this machine and prints it once, with the line for countersign.yaml. It works once the running
gateway has taken up the changed file. To rotate: add the new line below the old one, move the agent over, then remove
the old one. Where the agent’s platform gives it a token of its own, it needs no key: see docs/workload-identity.md.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { json: { type: 'boolean' }, days: { type: 'string' } },
      arguments: ['NAME'],
    });
    const [agent = ''] = given;
    const days = values.days === '0' ? 0 : (wholeNumber('days', values.days, DAYS_MAX) ?? KEY_DAYS);
    const made = makeAgentKey(Date.now(), days);
    if (values.json === true) writeJson(io, { agent, ...made });
    else
      io.stdout.write(
        `Key, shown this once (give it to the agent, keep it secret):\n  ${made.key}\n\nIn countersign.yaml, under agents → ${agent} → keys:\n  - ${keyLine(made)}\n`,
      );
    return EXIT.ok;
  },
};

const pause: Verb = {
  about: 'Pause an agent: nothing of it runs from now on',
  usage: `countersign agents pause AGENT --reason TEXT [--json] [--url URL]

Nothing of it is permitted from now on, not even what was approved a moment ago, and what it waits for is withdrawn. What
is running goes on to its end. Its owner, any reviewer and any operator may; whoever paused it, or an operator who
does not answer for it, resumes it: countersign agents resume AGENT`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, reason: { type: 'string' } },
      arguments: ['AGENT'],
    });
    if (values.reason === undefined) throw new UsageError('--reason TEXT is missing: it goes on the record');
    const [agent = ''] = given;
    const paused = await (await openClient(io, values)).agents.pause(agent, values.reason);
    if (values.json === true) writeJson(io, paused);
    else {
      const { withdrawn } = paused;
      const withdrew = withdrawn === 1 ? '1 request of it was' : `${withdrawn} requests of it were`;
      io.stdout.write(`${contained(agent)} is paused: nothing of it runs. ${withdrew} withdrawn.\n`);
    }
    return EXIT.ok;
  },
};

const resume: Verb = {
  about: 'Resume a paused agent',
  usage: 'countersign agents resume AGENT [--json] [--url URL]',
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['AGENT'] });
    const [agent = ''] = given;
    await (await openClient(io, values)).agents.resume(agent);
    if (values.json === true) writeJson(io, { resumed: agent });
    else io.stdout.write(`${contained(agent)} is resumed: the policy decides what it may do.\n`);
    return EXIT.ok;
  },
};

export const verb = group('agents', 'See agents, make their keys, stop one', {
  list,
  show,
  'new-key': newKey,
  pause,
  resume,
});
