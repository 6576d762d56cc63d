/**
 * Signing in: with a one-time link, with a provider, for a command line that waits. The code of a link stands in the
 * address's fragment, which is never sent: it is taken out of the address bar and the history before anything else looks
 * there, held in this page alone, and goes to the gateway only when somebody presses the button (A16).
 */
let held = '';
const listeners = new Set<() => void>();

function take(): void {
  const fragment = location.hash.slice(1);
  if (location.pathname !== '/sign-in' || fragment === '') return;
  history.replaceState(history.state, '', location.pathname + location.search);
  held = decoded(fragment);
  for (const tell of listeners) tell();
}

/** A mail program may have escaped it. */
function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    // Not escaped by anybody: the gateway will say that it is no code.
    return fragment;
  }
}

take();
// A link pasted over an open sign-in page loads nothing anew.
addEventListener('hashchange', take);

export const heldCode = (): string => held;
/** Used, refused or somebody else's: the page forgets it. */
export function forgetCode(): void {
  held = '';
  for (const tell of listeners) tell();
}
export function watchCode(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
