/** `countersign policy`: what people who write the policy ask of a running gateway. */
import { group } from '../dispatch/group.ts';
import { coverage } from './coverage.ts';
import { exported } from './export.ts';
import { propose } from './propose.ts';
import { simulate } from './simulate.ts';
import { suggest } from './suggest.ts';

export const verb = group('policy', 'See which rules decide, try a draft, propose it', {
  coverage,
  simulate,
  suggest,
  propose,
  export: exported,
});
