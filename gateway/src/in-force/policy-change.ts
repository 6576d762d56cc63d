/** A changed policy as an operation: every rule that comes, goes or changes, as written, between two digests (I6, I13). */
import type { JsonObject } from '@countersign/core';
import type { Operation } from '../operations/operation.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { contentDigest, type PolicyFile } from '../policy/source/files.ts';
import { diffFiles } from '../policy/source/patch.ts';
import type { Candidate } from '../policy/source/source.ts';

export const POLICY_RESOURCE = 'policy';

/** Files have no author: whoever can write them. */
export function policyChange({ policy, previous, diff }: Candidate): Operation {
  return {
    name: 'countersign.policy.change',
    resource: POLICY_RESOURCE,
    arguments: {
      before: previous.ref.digest,
      after: policy.ref.digest,
      added: written(policy, diff.added),
      removed: written(previous, diff.removed),
      changed: Object.fromEntries(
        diff.changed.map(({ rule, before, after }) => [rule, { before, after }] as const),
      ),
    },
  };
}

/**
 * Proposed by a person, from the files in force: beside the rules, every line that differs. `content` names all there would
 * be, so that no other files are these.
 */
export function policyProposal(
  candidate: Candidate,
  { by, before }: { readonly by: string; readonly before: readonly PolicyFile[] },
): Operation {
  const { name, resource, arguments: rules } = policyChange(candidate);
  const files = diffFiles(before, candidate.files);
  return {
    name,
    by,
    resource,
    arguments: {
      ...rules,
      files: Object.fromEntries(files.map(({ path, change, hunks }) => [path, { change, lines: hunks }])),
      content: { before: contentDigest(before), after: contentDigest(candidate.files) },
    },
  };
}

function written({ rules }: LoadedPolicy, ids: readonly string[]): JsonObject {
  const wanted = new Set(ids);
  return Object.fromEntries(rules.filter(({ id }) => wanted.has(id)).map((rule) => [rule.id, rule.written]));
}
