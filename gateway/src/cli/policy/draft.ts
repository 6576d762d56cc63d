/** A draft as a folder of policy files on this machine: read whole, and sent as text. */
import path from 'node:path';
import type { PolicyDraft } from '@countersign/sdk';
import { formatPolicyErrors } from '../../policy/problems/format.ts';
import { PolicyError } from '../../policy/problems/problem.ts';
import { readPolicyFolder } from '../../policy/source/files.ts';
import { type Io, UsageError } from '../verb.ts';

export function readDraft(folder: string | undefined, io: Pick<Io, 'cwd'>): PolicyDraft {
  if (folder === undefined)
    throw new UsageError('--draft FOLDER is missing: the folder of the draft’s files');
  try {
    return { files: readPolicyFolder(path.resolve(io.cwd, folder)) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new UsageError(`--draft ${folder}: ${formatPolicyErrors(error.problems).trim()}`);
  }
}
