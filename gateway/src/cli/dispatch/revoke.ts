/** The verb that takes back what people have given and is not used up: an approval, a grant. */
import { writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { EXIT, type Verb } from '../verb.ts';
import { CLIENT_OPTIONS, readArguments, requiredReason } from './arguments.ts';

export type Revoking = {
  readonly about: string;
  /** The group of verbs it stands in: also what the client calls it. */
  readonly group: 'approvals' | 'grants';
};

export const revokeVerb = ({ about, group }: Revoking): Verb => ({
  about,
  usage: `countersign ${group} revoke ID --reason TEXT [--json] [--url URL]

  --reason TEXT     for the record; required

What has run already has run.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, reason: { type: 'string' } },
      arguments: ['ID'],
    });
    const [id = ''] = given;
    const reason = requiredReason(values.reason, 'a revocation');
    const client = await openClient(io, values);
    await client[group].revoke(id, reason, { idempotency_key: crypto.randomUUID() });
    if (values.json === true) writeJson(io, { id, status: 'revoked' });
    else io.stdout.write('Revoked. It can no longer be used.\n');
    return EXIT.ok;
  },
});
