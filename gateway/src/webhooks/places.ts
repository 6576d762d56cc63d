/** Names of who is told, as numbers are kept of them. */

/** Callbacks of all agents are one: agents are never labels (I7), and how many there are is nobody’s bound. */
export const placeOf = (endpoint: string): string =>
  endpoint.startsWith('callback:') ? 'callbacks' : endpoint;
