/** `countersign break-glass`: what one person let through in an emergency, who knows of it, and the review afterwards. */
import { GLASS_VERDICTS, type GlassVerdict } from '@countersign/sdk';
import { CLIENT_OPTIONS, oneOf, readArguments, requiredReason, wholeNumber } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { contained, lookOf, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { table } from '../table.ts';
import { EXIT, UsageError, type Verb } from '../verb.ts';
import { columnsAt, renderGlass } from './render.ts';

const LIMIT_MAX = 200;

const list: Verb = {
  about: 'List broken glass nobody has judged yet',
  usage: `countersign break-glass list [--all | --mine] [--limit N] [--cursor CURSOR] [--json]
                             [--url URL]

  --all             also what has been judged
  --mine            what you were told of and have not acknowledged
  --limit N         how many at most (default 50, at most ${LIMIT_MAX})
  --cursor CURSOR   goes on where the last list ended`,
  async run(args, io) {
    const { values } = readArguments(args, {
      options: {
        ...CLIENT_OPTIONS,
        all: { type: 'boolean' },
        mine: { type: 'boolean' },
        limit: { type: 'string' },
        cursor: { type: 'string' },
      },
    });
    const [all, mine] = [values.all === true, values.mine === true];
    if (all && mine) throw new UsageError('--all and --mine: give one of them');
    const found = await (await openClient(io, values)).breakGlass.list({
      ...(mine ? { unacknowledged: true } : all ? {} : { open: true }),
      limit: wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50,
      ...(values.cursor === undefined ? {} : { cursor: values.cursor }),
    });
    if (values.json === true) {
      writeJson(io, found);
      return EXIT.ok;
    }
    const none = mine
      ? 'Nothing you have yet to acknowledge.'
      : all
        ? 'No glass was ever broken.'
        : 'No broken glass waits to be judged.';
    io.stdout.write(table(found.items, { columns: columnsAt(Date.now()), none }, lookOf(io)));
    if (found.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(found.next_cursor)}\n`);
    return EXIT.ok;
  },
};

const show: Verb = {
  about: 'Show one: who, why, what ran by it, who knows, who judged it',
  usage: 'countersign break-glass show ID [--json] [--url URL]',
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID'] });
    const glass = await (await openClient(io, values)).breakGlass.show(given[0] ?? '');
    if (values.json === true) writeJson(io, glass);
    else io.stdout.write(renderGlass(glass, { ...lookOf(io), now: Date.now() }));
    return EXIT.ok;
  },
};

const acknowledge: Verb = {
  about: 'Say, on the record, that you know of it',
  usage: 'countersign break-glass acknowledge ID [--json] [--url URL]',
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID'] });
    const [id = ''] = given;
    await (await openClient(io, values)).breakGlass.acknowledge(id);
    if (values.json === true) writeJson(io, { id, acknowledged: true });
    else io.stdout.write('Acknowledged. The review of it is open until somebody else closes it.\n');
    return EXIT.ok;
  },
};

const close: Verb = {
  about: 'Judge one that somebody else broke',
  usage: `countersign break-glass close ID --verdict VERDICT --reason TEXT [--json] [--url URL]

  --verdict VERDICT   ${GLASS_VERDICTS.join(' or ')}
  --reason TEXT       for the record; required

Nobody closes what they broke themselves, or what an agent of theirs asked for.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, verdict: { type: 'string' }, reason: { type: 'string' } },
      arguments: ['ID'],
    });
    const [id = ''] = given;
    const verdict: GlassVerdict | undefined = oneOf('verdict', values.verdict, GLASS_VERDICTS);
    if (verdict === undefined) throw new UsageError(`--verdict: say ${GLASS_VERDICTS.join(' or ')}`);
    const note = requiredReason(values.reason, 'a verdict');
    const client = await openClient(io, values);
    const glass = await client.breakGlass.close(
      id,
      { verdict, note },
      { idempotency_key: crypto.randomUUID() },
    );
    if (values.json === true) writeJson(io, glass);
    else io.stdout.write('Closed. Your verdict is on the record.\n');
    return EXIT.ok;
  },
};

export const verb = group('break-glass', 'See and judge what was let through in an emergency', {
  list,
  show,
  acknowledge,
  close,
});
