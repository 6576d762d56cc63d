/** Who drafts and tries changes of the policy. The gateway refuses the others; this only spares them the refusal. */
import type { Me } from '@countersign/sdk';
import { hasRole } from '../../../data/me.ts';

export const mayDraft = (me: Me): boolean => hasRole(me, 'operator') || hasRole(me, 'auditor');
