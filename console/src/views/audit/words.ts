/** What an entry of the log says, as one plain sentence: from its indexed names, or from the signed statement itself. Pure. */
import type { LogEntry } from '@countersign/sdk';
import type { Worded } from '../../words/states.ts';

/** A piece of a sentence; what came from elsewhere is apart, to be shown safely (A3). */
export type Part = string | { readonly name: string };

export type Said = Pick<
  LogEntry,
  'kind' | 'outcome' | 'agent' | 'reviewer' | 'action' | 'resource' | 'upstream' | 'change'
>;

export const KIND_WORDS: { readonly [kind: string]: string } = {
  evaluation: 'Question',
  'access-request': 'Request',
  review: 'Review',
  resolution: 'Resolution',
  execution: 'Run',
  'policy-change': 'Policy',
  'config-change': 'Configuration',
  'reviewer-key': 'Passkey',
  'break-glass': 'Break-glass',
  'tool-change': 'Tool',
  redaction: 'Hidden text',
  export: 'Export',
  system: 'Gateway',
};
export const kindWord = (kind: string): string => own(KIND_WORDS, kind) ?? kind;

/** A word of the log may be any: none of an object's own past is meant by it. */
function own<T>(table: { readonly [word: string]: T }, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

const name = (text: string | undefined, otherwise: string): Part =>
  text === undefined || text === '' ? otherwise : { name: text };

const opens = ({ action }: Said): boolean => action === 'session.open';

/** `refund on payments`; what the gateway asks of itself stands on nothing else. */
function thing({ action, resource, upstream }: Said): readonly Part[] {
  if (action === 'session.open') return ['a session with ', name(upstream, 'an upstream')];
  if (upstream === 'countersign') return [name(action, 'a change'), ' for ', name(resource, 'the gateway')];
  return [name(resource ?? action, 'something'), ' on ', name(upstream, 'an upstream')];
}
/** Asks for operators’ changes; nobody’s agent. */
const OPERATIONS = 'countersign:operations';
const who = ({ agent }: Said): Part =>
  agent === undefined ? 'Somebody' : agent === OPERATIONS ? 'An operator' : { name: agent };
const person = ({ reviewer }: Said): Part => name(reviewer, 'Somebody');

type Sentence = (said: Said) => readonly Part[];
const BY_OUTCOME: { readonly [kind: string]: { readonly [outcome: string]: Sentence } } = {
  evaluation: {
    held: (said) => [who(said), ' asked for ', ...thing(said), ': held for people to decide'],
    approval_required: (said) => [
      who(said),
      ' asked about ',
      ...thing(said),
      ': told that people must agree',
    ],
    denied: (said) => [who(said), ' asked for ', ...thing(said), ': refused'],
  },
  'access-request': {
    pending: (said) => ['A request was opened for ', who(said), ': ', ...thing(said)],
  },
  review: {
    approved: (said) => [person(said), ' approved ', ...thing(said)],
    denied: (said) => [person(said), ' denied ', ...thing(said)],
    'not counted': (said) => [person(said), ' answered about ', ...thing(said), '; it did not count'],
  },
  resolution: {
    approved: (said) => ['The request was approved: ', ...thing(said)],
    denied: (said) => ['The request was denied: ', ...thing(said)],
    expired: (said) => ['Nobody answered in time: ', ...thing(said)],
    cancelled: (said) => ['The request was withdrawn: ', ...thing(said)],
    failed: (said) => ['The request could not be completed: ', ...thing(said)],
    'approval-revoked': (said) => ['The approval was taken back: ', ...thing(said)],
    'approval-expired': (said) => ['The approval ran out unused: ', ...thing(said)],
    'grant-revoked': (said) => ['The grant was taken back: ', ...thing(said)],
    'grant-expired': (said) => ['The grant ran out: ', ...thing(said)],
  },
  execution: {
    allowed: (said) => [who(said), ' was let through by policy: ', ...thing(said)],
    started: (said) => [who(said), ' began what was approved: ', ...thing(said)],
    succeeded: (said) => [opens(said) ? 'It opened: ' : 'It ran: ', ...thing(said)],
    failed: (said) => ['It failed: ', ...thing(said)],
    unknown: (said) => ['It may have run, no answer came: ', ...thing(said)],
  },
  'break-glass': {
    broken: (said) => [person(said), ' broke the glass for ', ...thing(said)],
    refused: (said) => [person(said), ' tried to break the glass for ', ...thing(said), ': refused'],
    acknowledged: (said) => [person(said), ' acknowledged that the glass was broken'],
  },
  system: {
    'signed in': (said) => [person(said), ' signed in'],
    'preview begun': (said) => [
      'The gateway began to look at what would change, with ',
      ...thing(said),
      ...by(said),
    ],
    previewed: (said) => ['The gateway looked at what would change, with ', ...thing(said), ...by(said)],
    'preview failed': (said) => [
      'What would change could not be looked at, with ',
      ...thing(said),
      ...by(said),
    ],
    'preview unknown': (said) => [
      'A look at what would change was cut short, with ',
      ...thing(said),
      ...by(said),
    ],
    'signed out': (said) => [person(said), ' signed out'],
    ended: (said) => ['A session of ', person(said), ' was ended'],
    expired: (said) => ['A session of ', person(said), ' ran out'],
    refused: (said) => [
      'A sign-in was refused'.concat(said.reviewer === undefined ? '' : ': '),
      ...byIf(said),
    ],
  },
  redaction: {
    revealed: (said) => [person(said), ' had hidden text shown to them'],
    erased: (said) => [person(said), ' erased what a request said'],
  },
};
const byIf = ({ reviewer }: Said): readonly Part[] => (reviewer === undefined ? [] : [{ name: reviewer }]);

const BY_KIND: { readonly [kind: string]: Sentence } = {
  'break-glass': (said) => [person(said), ' judged the broken glass: ', name(said.outcome, 'closed')],
  'tool-change': (said) => [
    person(said),
    ' changed which definition of ',
    name(said.resource, 'a tool'),
    ' on ',
    name(said.upstream, 'an upstream'),
    ' is accepted',
  ],
  export: (said) => [person(said), ' exported the log'],
  'reviewer-key': (said) => ['A passkey of ', person(said), ' changed'],
  'policy-change': (said) => ['The policy changed', ...by(said)],
  'config-change': (said) => ['The configuration changed', ...by(said)],
  system: (said) => ['The gateway itself', ...by(said)],
};
const by = ({ reviewer }: Said): readonly Part[] =>
  reviewer === undefined ? [] : [', by ', { name: reviewer }];

export function sentenceOf(said: Said): readonly Part[] {
  const outcome = own(own(BY_OUTCOME, said.kind) ?? {}, said.outcome ?? '');
  if (outcome !== undefined) return outcome(said);
  if (said.change !== undefined && said.kind !== 'break-glass') return changed(said, said.change);
  return own(BY_KIND, said.kind)?.(said) ?? [kindWord(said.kind), ...by(said)];
}
/** `Tool accepted: refund on payments, by olivia`; `Agent paused: coder, by bob`. */
function changed({ resource, upstream, agent, ...said }: Said, change: string): readonly Part[] {
  const changes = resource ?? (agent === OPERATIONS ? undefined : agent);
  const what: readonly Part[] = changes === undefined ? [] : [': ', { name: changes }];
  const where: readonly Part[] = upstream === undefined ? [] : [' on ', { name: upstream }];
  return [{ name: capital(change) }, ...what, ...where, ...by(said)];
}
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const HELD: Worded = { word: 'Held', tone: 'amber', shape: 'half' };
const NO: Worded = { word: 'Denied', tone: 'red', shape: 'cross' };
const OUTCOMES: { readonly [outcome: string]: Worded } = {
  held: HELD,
  approval_required: HELD,
  pending: { word: 'Opened', tone: 'soft', shape: 'ring' },
  denied: NO,
  refused: { word: 'Refused', tone: 'red', shape: 'cross' },
  approved: { word: 'Approved', tone: 'green', shape: 'tick' },
  allowed: { word: 'Allowed', tone: 'soft', shape: 'tick' },
  started: { word: 'Started', tone: 'blue', shape: 'ring' },
  succeeded: { word: 'Succeeded', tone: 'green', shape: 'tick' },
  failed: { word: 'Failed', tone: 'red', shape: 'cross' },
  unknown: { word: 'Unknown', tone: 'violet', shape: 'diamond' },
  cancelled: { word: 'Withdrawn', tone: 'soft', shape: 'dash' },
  broken: { word: 'Glass broken', tone: 'red', shape: 'diamond' },
};
/** Undefined for entries that are simply so: a sign-in, a change. */
export function outcomeMark({ kind, outcome }: Pick<LogEntry, 'kind' | 'outcome'>): Worded | undefined {
  if (kind === 'evaluation' && outcome === 'denied') return OUTCOMES['refused'];
  if (outcome === undefined || (kind === 'system' && outcome !== 'refused')) return undefined;
  return (
    own(OUTCOMES, outcome) ?? { word: capital(outcome.replaceAll('-', ' ')), tone: 'soft', shape: 'dash' }
  );
}
