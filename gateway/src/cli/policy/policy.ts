/** `countersign policy`: what people who write the policy ask of a running gateway. */
import { group } from '../dispatch/group.ts';
import { coverage } from './coverage.ts';
import { simulate } from './simulate.ts';

export const verb = group('policy', 'See which rules decide, and what a draft would do', {
  coverage,
  simulate,
});
