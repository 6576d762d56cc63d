/** `countersign operators`: how many operators a change of what decides takes, and asking for one or two of them (I13). */
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { contained, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { EXIT, UsageError, type Verb } from '../verb.ts';
import { settle } from './held.ts';

const show: Verb = {
  about: 'Show how many operators a change takes, and why',
  usage: 'countersign operators show [--json] [--url URL]',
  async run(args, io) {
    const { values } = readArguments(args, { options: CLIENT_OPTIONS });
    const shown = await (await openClient(io, values)).operators.show();
    if (values.json === true) writeJson(io, shown);
    else
      io.stdout.write(
        `A change of policy, tools or operators takes ${shown.needed === 1 ? 'one operator' : 'two operators'}.
Why: ${contained(shown.why)}
Active operators: ${shown.operators.map(contained).join(', ') || 'nobody'}\n`,
      );
    return EXIT.ok;
  },
};

const need: Verb = {
  about: 'Ask that one operator be enough, or that two be needed',
  usage: `countersign operators need 1|2 [--wait] [--json] [--url URL]

  --wait    waits until the others have answered

Two are needed from the moment two operators were active. That one is enough again, two must
agree to: you and another. Exit code 1 while it is not so. Needs the operator role.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, wait: { type: 'boolean' } },
      arguments: ['NEEDED'],
    });
    const needed = given[0] === '1' ? 1 : given[0] === '2' ? 2 : undefined;
    if (needed === undefined) throw new UsageError(`${given[0] ?? ''}: give 1 or 2`);
    const client = await openClient(io, values);
    const held = await client.operators.need({ needed });
    if (held !== undefined) return settle(client, held, { io, values });
    if (values.json === true) writeJson(io, { needed });
    else io.stdout.write(needed === 1 ? 'One operator is enough.\n' : 'Two operators are needed.\n');
    return EXIT.ok;
  },
};

export const verb = group('operators', 'See how many operators a change takes', { show, need });
