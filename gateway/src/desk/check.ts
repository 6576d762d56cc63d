/** What the real checker says of a draft: the one a gateway loads policies with, against the people, agents and tools there are. */
import type { PolicyCheck } from '@countersign/sdk';
import { checkFiles } from '../policy/check.ts';
import type { LoadOptions } from '../policy/rules/options.ts';
import { draftProblems } from '../policy/source/draft.ts';
import { type PolicyFile, policyDigest } from '../policy/source/files.ts';

export function checkDraft(draft: readonly PolicyFile[], options: LoadOptions): PolicyCheck {
  const unfit = draftProblems(draft);
  if (unfit.length > 0)
    return { ok: false, problems: unfit, advice: [], tests: [], never_matching: [], rules: 0 };
  const { problems, advice, tests, never_matching, rules } = checkFiles(draft, options);
  const ok = problems.length === 0;
  return { ok, problems, advice, tests, never_matching, rules, digest: policyDigest(draft) };
}
