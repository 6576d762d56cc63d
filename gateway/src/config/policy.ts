/** Where the policy is kept and changed: in a folder, through whatever keeps that; or in the store, by proposal and review. */
import { z } from 'zod';

const FOLDER = './policy';

export const policySchema = z
  .union([
    z.string().min(1).describe('Folder of policy files (`*.yaml`) and their tests (`*.test.yaml`).'),
    z.strictObject({
      source: z
        .enum(['files', 'store'])
        .default('files')
        .describe(
          '`files`: the folder is watched, and changed there. `store`: the folder is read once, by the first start; from then on the policy is changed by proposal and review, and the folder counts for nothing.',
        ),
      folder: z.string().min(1).default(FOLDER).describe('Folder of policy files and their tests.'),
    }),
  ])
  .default(FOLDER)
  .describe('The policy: its folder, or where it is kept and the folder it begins with.');

export type PolicyConfig = z.infer<typeof policySchema>;
export type PolicySourceKind = 'files' | 'store';

export const policyPlace = (
  policy: PolicyConfig,
): { readonly source: PolicySourceKind; readonly folder: string } =>
  typeof policy === 'string' ? { source: 'files', folder: policy } : policy;
