/** `countersign tools`: what upstreams offer, what changed, and accepting it by name of exactly what was shown (A9). */
import { type Json, visible } from '@countersign/core';
import { TOOL_CLASSES, type Tool, type ToolDiff } from '@countersign/sdk';
import { CLIENT_OPTIONS, oneOf, readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { settle } from '../operators/held.ts';
import { contained, hasColor, lookOf, painter, writeJson } from '../output.ts';
import { ago } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';

const columnsAt = (now: number): readonly Column<Tool>[] => [
  { title: 'upstream', cell: ({ upstream }) => upstream },
  { title: 'tool', cell: ({ tool }) => tool, yields: 'last', style: () => 'accent' },
  {
    title: 'status',
    cell: ({ status }) => status,
    style: ({ status }) => (status === 'accepted' ? 'plain' : 'alarm'),
  },
  { title: 'class', cell: (tool) => tool.class },
  {
    title: 'accepted',
    cell: ({ accepted_by, accepted_at }) =>
      accepted_by === undefined || accepted_at === undefined
        ? '–'
        : `${accepted_by}, ${ago(accepted_at, now)}`,
    yields: true,
  },
];

const list: Verb = {
  about: 'List tools: accepted, quarantined, drifted',
  usage:
    'countersign tools list [UPSTREAM] [--waiting] [--json] [--url URL]\n\n  --waiting   only what nobody has accepted as it is now',
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, waiting: { type: 'boolean' } },
      arguments: ['UPSTREAM?'],
    });
    const { items } = await (await openClient(io, values)).tools.list();
    const [upstream] = given;
    const shown = items.filter(
      (tool) =>
        (upstream === undefined || tool.upstream === upstream) &&
        (values.waiting !== true || tool.status !== 'accepted'),
    );
    if (values.json === true) writeJson(io, { items: shown });
    else
      io.stdout.write(
        table(
          shown,
          {
            columns: columnsAt(Date.now()),
            none:
              values.waiting === true
                ? 'Nothing waits.'
                : 'No upstream has listed a tool yet; connect an agent.',
          },
          lookOf(io),
        ),
      );
    return EXIT.ok;
  },
};

const diff: Verb = {
  about: 'Show what a tool is now against what was accepted',
  usage: 'countersign tools diff UPSTREAM TOOL [--json] [--url URL]',
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: CLIENT_OPTIONS,
      arguments: ['UPSTREAM', 'TOOL'],
    });
    const [upstream = '', tool = ''] = given;
    const shown = await (await openClient(io, values)).tools.diff(upstream, tool);
    if (values.json === true) writeJson(io, shown);
    else io.stdout.write(diffText(shown, io));
    return EXIT.ok;
  },
};

/** Every string made visible: a tool's description is the classic place to hide text for a model (A3, A9). */
function diffText({ upstream, tool, status, pin, changes }: ToolDiff, io: Io): string {
  const paint = painter(hasColor(io));
  const text = (value: Json | undefined): string =>
    visible(JSON.stringify(value, null, 2) ?? '', { multiline: true }).text.replaceAll('\n', '\n      ');
  const lines = changes.flatMap(({ path, kind, before, after }) => [
    `  ${paint('bold', visible(path).text)} ${kind}`,
    ...(kind === 'added' ? [] : [paint('alarm', `    - ${text(before)}`)]),
    ...(kind === 'removed' ? [] : [paint('accent', `    + ${text(after)}`)]),
  ]);
  const head = `${visible(tool).text} on ${visible(upstream).text}: ${status}`;
  const foot =
    status === 'accepted'
      ? 'It is accepted as it is.'
      : `To accept exactly this:\n  countersign tools accept ${visible(upstream).text} ${visible(tool).text} --pin ${pin} --class ${TOOL_CLASSES.join('|')}`;
  return `${[head, '', ...(lines.length === 0 ? ['  no difference'] : lines), '', foot].join('\n')}\n`;
}

const accept: Verb = {
  about: 'Accept a tool as it was shown',
  usage: `countersign tools accept UPSTREAM TOOL --pin PIN --class CLASS [--wait]
                         [--json] [--url URL]

  --pin     the definition you looked at, from: countersign tools diff UPSTREAM TOOL
  --class   what the tool does, as you judge it: ${TOOL_CLASSES.join(', ')}
  --wait    where another operator must agree first, waits until they have

Refused when the tool has changed again since. Needs the operator role; it is on the record.
Where others must agree first, the exit code is 1 until the tool is accepted.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: {
        ...CLIENT_OPTIONS,
        pin: { type: 'string' },
        class: { type: 'string' },
        wait: { type: 'boolean' },
      },
      arguments: ['UPSTREAM', 'TOOL'],
    });
    const [upstream = '', tool = ''] = given;
    const toolClass = oneOf('class', values.class, TOOL_CLASSES);
    if (values.pin === undefined)
      throw new UsageError('--pin is missing: look first, with: countersign tools diff UPSTREAM TOOL');
    if (toolClass === undefined) throw new UsageError(`--class is missing: ${TOOL_CLASSES.join(', ')}`);
    const client = await openClient(io, values);
    const held = await client.tools.accept(upstream, tool, { pin: values.pin, class: toolClass });
    if (held !== undefined) return settle(client, held, { io, values });
    if (values.json === true)
      writeJson(io, { upstream, tool, pin: values.pin, class: toolClass, status: 'accepted' });
    else {
      const { needed, why } = await client.operators.show();
      const unseen = needed === 1 ? ` (${contained(why)})` : '';
      io.stdout.write(
        `Accepted ${visible(tool).text} on ${visible(upstream).text} as ${toolClass}.${unseen}\n`,
      );
    }
    return EXIT.ok;
  },
};

export const verb = group('tools', 'See upstreams’ tools, compare and accept them', { list, diff, accept });
