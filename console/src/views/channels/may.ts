/** Who is shown how channels do: the gateway answers nobody else. */
import type { Me } from '@countersign/sdk';
import { hasRole } from '../../data/me.ts';

export const mayOversee = (me: Me): boolean => hasRole(me, 'operator') || hasRole(me, 'auditor');
