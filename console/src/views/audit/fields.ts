/** What the log can be narrowed by. */
import type { Known } from '../../data/history/known.ts';
import type { FilterField } from '../../kit/form/filters.tsx';
import type { LogFilterName } from './search.ts';
import { KIND_WORDS } from './words.ts';

export const logFields = (known: Known): readonly FilterField<LogFilterName>[] => [
  { id: 'kind', label: 'Kind', kind: 'choice', values: Object.entries(KIND_WORDS) },
  { id: 'agent', label: 'Agent', kind: 'text', values: known.agent },
  { id: 'reviewer', label: 'Person', kind: 'text', values: known.person },
  { id: 'upstream', label: 'Upstream', kind: 'text', values: known.upstream },
  { id: 'resource', label: 'Tool or resource', kind: 'text', values: known.resource },
  { id: 'rule', label: 'Rule', kind: 'text' },
  { id: 'request', label: 'Request', kind: 'text' },
  { id: 'action', label: 'Action', kind: 'text' },
  { id: 'since', label: 'From', kind: 'time' },
  { id: 'until', label: 'Until', kind: 'time' },
];
