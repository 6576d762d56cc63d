/** `countersign requests cancel` and `reveal`. */
import { CLIENT_OPTIONS, readArguments, requiredReason } from '../dispatch/arguments.ts';
import { lookOf, writeJson } from '../output.ts';
import { renderRequest } from '../render/request.ts';
import { openClient } from '../session.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';

export const cancel: Verb = {
  about: 'Withdraw a request (its agent’s owner, or an operator)',
  usage: 'countersign requests cancel ID [--json] [--url URL]',
  async run(args: readonly string[], io: Io): Promise<number> {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID'] });
    const [id = ''] = given;
    const client = await openClient(io, values);
    await client.requests.cancel(id, { idempotency_key: crypto.randomUUID() });
    if (values.json === true) writeJson(io, { id, status: 'cancelled' });
    else io.stdout.write('Cancelled. It will not run.\n');
    return EXIT.ok;
  },
};

export const reveal: Verb = {
  about: 'See what is hidden inside the action, on the record',
  usage: `countersign requests reveal ID --reason TEXT [--json] [--url URL]

  --reason TEXT     why you must see it; required, and recorded with your name`,
  async run(args: readonly string[], io: Io): Promise<number> {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, reason: { type: 'string' } },
      arguments: ['ID'],
    });
    const [id = ''] = given;
    const reason = requiredReason(values.reason, 'a reveal');
    const client = await openClient(io, values);
    await client.requests.reveal(id, reason);
    const detail = await client.requests.show(id);
    if (values.json === true) writeJson(io, detail);
    else io.stdout.write(renderRequest(detail, { ...lookOf(io), now: Date.now() }));
    return EXIT.ok;
  },
};
