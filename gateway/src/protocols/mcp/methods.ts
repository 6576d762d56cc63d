/**
 * Every method a caller may use, and which door it takes. A method not listed is not passed on: what cannot be
 * understood is not harmless (DESIGN §2).
 */
export type Handling =
  /** Asked through `enforce` each time. */
  | 'enforced'
  /** Passes under the upstream's `session.open` permit: it reads what the upstream says of itself. */
  | 'passed'
  /** `tools/list`: answered from the catalog, accepted tools only. */
  | 'listed'
  /** Answered by the gateway: tasks are its own. */
  | 'tasks';

const BOTH: { readonly [method: string]: Handling } = {
  'tools/call': 'enforced',
  'resources/read': 'enforced',
  'prompts/get': 'enforced',
  'completion/complete': 'enforced',
  'tools/list': 'listed',
  'resources/list': 'passed',
  'resources/templates/list': 'passed',
  'prompts/list': 'passed',
};

const MODERN_METHODS: { readonly [method: string]: Handling } = {
  ...BOTH,
  'server/discover': 'passed',
  'subscriptions/listen': 'passed',
  'tasks/get': 'tasks',
  'tasks/update': 'tasks',
  'tasks/cancel': 'tasks',
};

const LEGACY_METHODS: { readonly [method: string]: Handling } = {
  ...BOTH,
  ping: 'passed',
  'logging/setLevel': 'passed',
  'resources/subscribe': 'enforced',
  'resources/unsubscribe': 'passed',
};

export function handlingOf(era: 'modern' | 'legacy', method: string): Handling | undefined {
  const table = era === 'modern' ? MODERN_METHODS : LEGACY_METHODS;
  return Object.hasOwn(table, method) ? table[method] : undefined;
}

/** Notifications of a caller that pass unasked (WIRE §8); any other is dropped. */
const NOTIFICATIONS = new Set([
  'notifications/cancelled',
  'notifications/progress',
  'notifications/initialized',
  'notifications/roots/list_changed',
]);
export const passesUnasked = (method: string): boolean => NOTIFICATIONS.has(method);

/** An upstream's requests to the caller whose answers go through `enforce`, by the name of that action. */
const ANSWERS: { readonly [method: string]: string } = {
  'elicitation/create': 'elicitation/answer',
  'sampling/createMessage': 'sampling/answer',
};
export const answerAction = (method: string): string | undefined =>
  Object.hasOwn(ANSWERS, method) ? ANSWERS[method] : undefined;

/** Requests of an upstream that are passed to the caller at all. */
const ASKED_OF_CALLERS = new Set([...Object.keys(ANSWERS), 'roots/list', 'ping']);
export const mayAskCaller = (method: string): boolean => ASKED_OF_CALLERS.has(method);
