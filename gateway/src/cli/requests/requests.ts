/** `countersign requests`: what agents ask for, and what people answer. Speaks to the gateway; decides nothing itself. */
import { group } from '../dispatch/group.ts';
import { approve, deny } from './answer.ts';
import { cancel, reveal } from './change.ts';
import { erase } from './erase.ts';
import { list } from './list.ts';
import { show } from './show.ts';
import { watch } from './watch.ts';

export const verb = group('requests', 'See and decide what agents ask for', {
  list,
  show,
  approve,
  deny,
  reveal,
  cancel,
  erase,
  watch,
});
