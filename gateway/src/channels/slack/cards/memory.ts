/** Remembers so many, and forgets the oldest: whoever needs it then asks Slack. */
const REMEMBERED_MAX = 10_000;

export type Memory<T> = { get(key: string): T | undefined; set(key: string, value: T): void };

export function createMemory<T>(): Memory<T> {
  const held = new Map<string, T>();
  return {
    get: (key) => held.get(key),
    set(key, value) {
      held.delete(key);
      held.set(key, value);
      const [oldest] = held.size > REMEMBERED_MAX ? held.keys() : [];
      if (oldest !== undefined) held.delete(oldest);
    },
  };
}
