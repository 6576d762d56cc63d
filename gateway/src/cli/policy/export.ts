/** `countersign policy export`: the files of the policy in force, into a folder that has none. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PolicyFiles } from '@countersign/sdk';
import { draftProblems } from '../../policy/source/draft.ts';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { contained, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';

export const exported: Verb = {
  about: 'Write the files of the policy in force to a folder',
  usage: `countersign policy export --to FOLDER [--json] [--url URL]

  --to FOLDER  made if it is not there; must be empty
  --json       prints them instead`,
  async run(args, io) {
    const { values } = readArguments(args, { options: { ...CLIENT_OPTIONS, to: { type: 'string' } } });
    if (values.to === undefined && values.json !== true)
      throw new UsageError('--to FOLDER is missing: where the files are to go');
    const policy = await (await openClient(io, values)).policy.files();
    if (values.to !== undefined) await write(policy, values.to, io);
    if (values.json === true) writeJson(io, policy);
    else
      io.stdout.write(
        `${policy.files.map(({ path: at }) => contained(at)).join('\n')}\nThe policy ${policy.policy_digest} as it is in force.\n`,
      );
    return EXIT.ok;
  },
};

async function write({ files }: PolicyFiles, to: string, io: Io): Promise<void> {
  const folder = path.resolve(io.cwd, to);
  // A gateway that is not ours to trust names files: none may lead out of the folder.
  const [odd] = draftProblems(files);
  if (odd !== undefined) throw new UsageError(`${contained(odd.file)}: ${odd.message}; nothing was written`);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new UsageError(`--to ${to}: the folder is not empty; name another`);
  for (const { path: at, text } of files) {
    await mkdir(path.dirname(path.join(folder, at)), { recursive: true });
    await writeFile(path.join(folder, at), text, { flag: 'wx' });
  }
}
