/** `countersign log`: looking things up in the audit log, and proving them without trusting the gateway. */
import { group } from '../dispatch/group.ts';
import { exportLog } from './export.ts';
import { list, show } from './look-up.ts';
import { prove } from './prove.ts';
import { rebuild } from './rebuild.ts';
import { check } from './receipt.ts';
import { verify } from './verify.ts';

export const verb = group('log', 'Look up, verify, prove and export the audit log', {
  list,
  show,
  export: exportLog,
  verify,
  prove,
  check,
  rebuild,
});
