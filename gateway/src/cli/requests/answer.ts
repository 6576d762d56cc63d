/**
 * `countersign requests approve` and `deny`. At a terminal `approve` shows the request and asks; without one it must
 * name the view it is about, so that nobody approves what they have not been shown (I6).
 */
import type { GrantTerms, ReviewDecision } from '@countersign/core';
import type { Client, RequestDetail } from '@countersign/sdk';
import { parseDuration } from '../../config/duration.ts';
import { CLIENT_OPTIONS, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { writeJson } from '../output.ts';
import { viewOf } from '../render/view.ts';
import { openClient } from '../session.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { type Asking, askForDecision, grantText, outcomeText, sendReview } from './decide.ts';
import { canAsk } from './prompt.ts';

const OPTIONS = { ...CLIENT_OPTIONS, reason: { type: 'string' } } as const;

export const approve: Verb = {
  about: 'Approve exactly what was shown',
  usage: `countersign requests approve ID [--shown DIGEST] [--reason TEXT]
                                [--grant DURATION --uses N] [--json] [--url URL]

  --shown DIGEST    the “Shown as” digest of the view you read (rendered_digest in
                    --json); refused when that is no longer what would run.
                    Without it the request is shown here and you are asked.
  --reason TEXT     for the record
  --grant DURATION  also grant calls of the same tool by the same agent, whatever
                    the arguments, for this long; where the policy offers it
  --uses N          how many of them; with --grant`,
  async run(args: readonly string[], io: Io): Promise<number> {
    const { values, given } = readArguments(args, {
      options: { ...OPTIONS, shown: { type: 'string' }, grant: { type: 'string' }, uses: { type: 'string' } },
      arguments: ['ID'],
    });
    const [id = ''] = given;
    const grant = grantOf(values);
    if (values.shown === undefined && (!canAsk(io) || values.json === true))
      throw new UsageError(
        'without a terminal to show the request on, --shown DIGEST must say which view was read',
      );
    const client = await openClient(io, values);
    if (values.shown === undefined)
      return askHere(client, id, { ...io, ...(grant === undefined ? {} : { grant }) });
    const detail = await client.requests.show(id);
    const why = whyNot(detail, values.shown);
    if (why !== undefined) {
      io.stderr.write(`${why}\n`);
      return EXIT.no;
    }
    return send(
      { client, detail, decision: 'approved', values, ...(grant === undefined ? {} : { grant }) },
      io,
    );
  },
};

export const deny: Verb = {
  about: 'Deny a request; the agent is told the reason',
  usage: `countersign requests deny ID [--reason TEXT] [--json] [--url URL]

  --reason TEXT     for the record; the agent is told`,
  async run(args: readonly string[], io: Io): Promise<number> {
    const { values, given } = readArguments(args, { options: OPTIONS, arguments: ['ID'] });
    const client = await openClient(io, values);
    const detail = await client.requests.show(given[0] ?? '');
    return send({ client, detail, decision: 'denied', values }, io);
  },
};

function grantOf(values: {
  readonly grant?: string | undefined;
  readonly uses?: string | undefined;
}): GrantTerms | undefined {
  const uses = wholeNumber('uses', values.uses, 1_000_000);
  if (values.grant === undefined) {
    if (uses !== undefined) throw new UsageError('--uses N goes with --grant DURATION');
    return undefined;
  }
  const lasts_ms = parseDuration(values.grant);
  if (lasts_ms === undefined) throw new UsageError(`--grant ${values.grant}: give a duration such as 2h`);
  if (uses === undefined) throw new UsageError('--uses N is missing: a grant is bounded in both');
  return { lasts_ms, uses };
}

async function askHere(client: Client, id: string, io: Asking): Promise<number> {
  const decided = await askForDecision(client, id, io);
  return decided.kind === 'answered' && decided.decision === 'approved' ? EXIT.ok : EXIT.no;
}

function whyNot(detail: RequestDetail, shown: string): string | undefined {
  const { approvable } = viewOf(detail);
  if (detail.rendered_digest !== shown)
    return 'That is not the view of this request as it is now; look again: countersign requests show ID';
  return approvable.ok ? undefined : `No approval from this view. ${approvable.why}`;
}

type Sending = {
  readonly client: Client;
  readonly detail: RequestDetail;
  readonly decision: ReviewDecision;
  readonly grant?: GrantTerms;
  readonly values: { readonly reason?: string | undefined; readonly json?: boolean | undefined };
};

async function send({ client, detail, decision, grant, values }: Sending, io: Io): Promise<number> {
  const { reason, json } = values;
  if (grant !== undefined && json !== true) io.stdout.write(`${grantText(grant, detail)}\n`);
  const result = await sendReview(client, detail, {
    decision,
    ...(reason === undefined ? {} : { reason }),
    ...(grant === undefined ? {} : { grant }),
  });
  if (json === true) writeJson(io, result);
  else io.stdout.write(`${outcomeText(decision, result, detail)}\n`);
  return EXIT.ok;
}
