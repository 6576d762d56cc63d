/** `countersign policy propose`: a draft becomes the policy, or a request that asks others; or a patch, for files. */
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { settle } from '../operators/held.ts';
import { contained, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { EXIT, UsageError, type Verb } from '../verb.ts';
import { readDraft } from './draft.ts';

export const propose: Verb = {
  about: 'Make a draft the policy, or ask those who must agree',
  usage: `countersign policy propose --draft FOLDER [--wait] [--json] [--url URL]
countersign policy propose --draft FOLDER --patch [--json] [--url URL]

  --draft FOLDER  the draft: every policy file, with its tests
  --wait          waits until the others have answered
  --patch         changes nothing: writes what the draft changes, for git apply

Where the store keeps the policy (policy.source: store) a proposal is how it changes: at once where
one operator is enough, else when another operator has agreed to exactly these lines. Exit code 1
while it is not in force. Needs the operator role. Where the policy comes from files, use --patch.`,
  async run(args, io) {
    const { values } = readArguments(args, {
      options: {
        ...CLIENT_OPTIONS,
        draft: { type: 'string' },
        wait: { type: 'boolean' },
        patch: { type: 'boolean' },
      },
    });
    const draft = readDraft(values.draft, io);
    const client = await openClient(io, values);
    if (values.patch === true) {
      const patch = await client.policy.patch(draft);
      if (values.json === true) writeJson(io, patch);
      else io.stdout.write(patch.patch);
      return EXIT.ok;
    }
    const { source, digest } = await client.policy.files();
    if (source === 'files')
      throw new UsageError(
        'this gateway takes its policy from files: change them where they are kept, and write the change with --patch',
      );
    const outcome = await client.policy.propose({ ...draft, base: digest });
    if (outcome.status === 'pending') return settle(client, outcome, { io, values });
    if (values.json === true) writeJson(io, outcome);
    else
      io.stdout.write(
        `The draft is the policy now.\n${outcome.unseen === undefined ? '' : `Nobody else saw it: ${contained(outcome.unseen)}.\n`}`,
      );
    return EXIT.ok;
  },
};
