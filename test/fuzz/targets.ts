/** Everything that is fuzzed. */
import { jsonTargets } from './json.ts';
import { modelTarget } from './model/model.ts';
import { policyTargets } from './policy.ts';
import type { Target } from './target.ts';
import { wireTargets } from './wire.ts';

export const TARGETS: readonly Target[] = [modelTarget, ...jsonTargets, ...wireTargets, ...policyTargets];
