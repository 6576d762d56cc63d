/** What the history can be narrowed by. */
import { CALL_DECISIONS, CALL_OUTCOMES, PERMITTED_BY } from '@countersign/sdk';
import type { Known } from '../../data/history/known.ts';
import type { FilterField } from '../../kit/form/filters.tsx';
import { CALL_DECISION_WORDS, CALL_OUTCOME_WORDS, PERMITTED_WORDS } from '../../words/calls.ts';
import { RISK_WORDS } from '../../words/states.ts';
import type { CallFilterName } from './search.ts';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const callFields = (known: Known): readonly FilterField<Exclude<CallFilterName, 'q'>>[] => [
  { id: 'agent', label: 'Agent', kind: 'text', values: known.agent },
  {
    id: 'outcome',
    label: 'Ended',
    kind: 'choice',
    values: CALL_OUTCOMES.map((id) => [id, CALL_OUTCOME_WORDS[id].word] as const),
  },
  {
    id: 'decision',
    label: 'Decision',
    kind: 'choice',
    values: CALL_DECISIONS.map((id) => [id, CALL_DECISION_WORDS[id]] as const),
  },
  { id: 'reviewer', label: 'Reviewer', kind: 'text', values: known.person },
  { id: 'rule', label: 'Rule', kind: 'text' },
  { id: 'upstream', label: 'Upstream', kind: 'text', values: known.upstream },
  { id: 'resource', label: 'Tool or resource', kind: 'text', values: known.resource },
  { id: 'env', label: 'Environment', kind: 'text' },
  {
    id: 'risk',
    label: 'Risk',
    kind: 'choice',
    values: Object.entries(RISK_WORDS).map(([id, { word }]) => [id, word] as const),
  },
  { id: 'class', label: 'Class', kind: 'text' },
  {
    id: 'permitted_by',
    label: 'Ran',
    kind: 'choice',
    values: PERMITTED_BY.map((id) => [id, capital(PERMITTED_WORDS[id])] as const),
  },
  { id: 'subject', label: 'On behalf of', kind: 'text', values: known.person },
  { id: 'owner', label: 'Owner', kind: 'text', values: known.person },
  { id: 'team', label: 'Team', kind: 'text' },
  { id: 'action', label: 'Action', kind: 'text' },
  { id: 'trail', label: 'Run', kind: 'text' },
  { id: 'from', label: 'From', kind: 'time' },
  { id: 'to', label: 'Until', kind: 'time' },
];
