/**
 * `countersign requests erase`: takes the clear text of one request away for good. At a terminal it shows which request
 * that is and asks; without one somebody must have said `--yes`.
 */
import type { Client, Erasure, RequestDetail } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments, requiredReason } from '../dispatch/arguments.ts';
import { lookOf, writeJson } from '../output.ts';
import { inline } from '../render/frame.ts';
import { renderRequest } from '../render/request.ts';
import { instant } from '../render/time.ts';
import { openClient } from '../session.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { canAsk, confirmed } from './prompt.ts';

export const erase: Verb = {
  about: 'Take away for good what a request that is over said (operators)',
  usage: `countersign requests erase ID --reason TEXT [--yes] [--json] [--url URL]

  --reason TEXT     why; required. It is recorded with your name and stays, so put
                    nothing in it that should be erased
  --yes             do not ask

Gone for good: the arguments, what rules read of them, the agent’s claim, reasons
and answers. What stays: who asked, who decided and when, digests, and the log,
which still verifies. Nothing of the request may be open, running or still usable.
Exit code 1: you said no.`,
  async run(args: readonly string[], io: Io): Promise<number> {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, reason: { type: 'string' }, yes: { type: 'boolean' } },
      arguments: ['ID'],
    });
    const [id = ''] = given;
    const reason = requiredReason(values.reason, 'an erasure');
    const asks = values.yes !== true;
    if (asks && (!canAsk(io) || values.json === true))
      throw new UsageError(
        'without a terminal to ask on, --yes must say that you mean it: this cannot be undone',
      );
    const client = await openClient(io, values);
    if (asks && !(await agreed(await client.requests.show(id), io))) {
      io.stdout.write('Nothing was erased.\n');
      return EXIT.no;
    }
    return send({ client, id, reason }, io, values.json === true);
  },
};

/** What goes stands above the question. */
async function agreed(detail: RequestDetail, io: Io): Promise<boolean> {
  if (detail.erased !== undefined) return true;
  io.stdout.write(renderRequest(detail, { ...lookOf(io), now: Date.now() }));
  return confirmed(io, 'Erase what it says, for good?');
}

type Sending = { readonly client: Client; readonly id: string; readonly reason: string };

async function send({ client, id, reason }: Sending, io: Io, json: boolean): Promise<number> {
  const erasure = await client.requests.erase(id, reason, { idempotency_key: crypto.randomUUID() });
  if (json) writeJson(io, { id, ...erasure });
  else io.stdout.write(`${saidOf(erasure)}\n`);
  return EXIT.ok;
}

const saidOf = ({ already, at, by, event_id }: Erasure): string =>
  already
    ? `It was already erased, by ${inline(by)} on ${instant(at)}. Nothing changed.`
    : `Erased. The log keeps its digests and says who erased it: entry ${inline(event_id)}.`;
