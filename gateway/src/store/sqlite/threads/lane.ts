import { type Command, StoreRefused, StoreUnavailable, type Value } from '../../store.ts';

/** A bounded first-in, first-out queue of promises in front of a thread that answers in order. */
export type Lane<In, Out> = {
  push(item: In): Promise<Out>;
  /** Answers the oldest unanswered item. */
  resolve(answer: Out): void;
  reject(error: Error): void;
  /** Items not answered yet. */
  waiting(): number;
  /** Sends what waits now instead of at the end of this turn. */
  flush(): void;
  /** Rejects everything: what was sent as `stored`, what was not as `no`. Later pushes are rejected too. */
  failAll(message: string, stored: 'no' | 'unknown'): void;
};

export type LaneOptions<In> = {
  readonly name: string;
  readonly items_max: number;
  readonly bytes_max: number;
  readonly bytesOf: (item: In) => number;
  /** May wait {@link LINGER_MS} for others to travel with, while the thread has something to do. */
  readonly unhurried?: (item: In) => boolean;
  readonly send: (batch: readonly In[]) => void;
};

/** Sent at once, so that the thread works on these while the next are being made. */
const BATCH = 16;
/** How long what is in no hurry waits for something that is, here and in the thread. */
export const LINGER_MS = 10;

type Waiting<Out> = {
  readonly bytes: number;
  readonly resolve: (answer: Out) => void;
  readonly reject: (error: Error) => void;
};

export function lane<In, Out>(options: LaneOptions<In>): Lane<In, Out> {
  const { name, items_max, bytes_max, bytesOf, unhurried, send } = options;
  let unsent: In[] = [];
  // A ring would spare nothing: the head index moves, what is behind it is let go of, and the array is cut when that is half.
  let waiting: (Waiting<Out> | undefined)[] = [];
  let head = 0;
  let bytes = 0;
  let scheduled = false;
  let lingering: NodeJS.Timeout | undefined;
  let failed: string | undefined;

  const flush = (): void => {
    scheduled = false;
    clearTimeout(lingering);
    lingering = undefined;
    if (unsent.length === 0) return;
    const batch = unsent;
    unsent = [];
    try {
      send(batch);
    } catch (error) {
      // A value that cannot travel to the thread (a function, a symbol): nothing of this batch left.
      const why = error instanceof Error ? error.message : String(error);
      for (const left of waiting.splice(waiting.length - batch.length)) {
        bytes -= left?.bytes ?? 0;
        left?.reject(new StoreRefused(`${name}: ${why}`));
      }
    }
  };

  const shift = (): Waiting<Out> => {
    const first = waiting[head];
    if (first === undefined) throw new Error(`the store answered more ${name} than it was asked`);
    waiting[head] = undefined;
    head += 1;
    bytes -= first.bytes;
    if (head > 1024 && head * 2 > waiting.length) {
      waiting = waiting.slice(head);
      head = 0;
    }
    return first;
  };

  function push(item: In): Promise<Out> {
    const size = bytesOf(item);
    const count = waiting.length - head;
    if (failed !== undefined) return Promise.reject(new StoreUnavailable(failed, 'no'));
    if (count >= items_max || bytes + size > bytes_max) {
      const load = `${count} ${name} of ${items_max}, ${bytes} bytes of ${bytes_max}`;
      return Promise.reject(
        new StoreUnavailable(`the store is overloaded: ${load} wait; try again later`, 'no'),
      );
    }
    const idle = count === unsent.length;
    bytes += size;
    unsent.push(item);
    const answer = new Promise<Out>((resolve, reject) => waiting.push({ bytes: size, resolve, reject }));
    if (unsent.length >= BATCH) {
      flush();
    } else if (!idle && unhurried?.(item) === true) {
      if (!scheduled) lingering ??= setTimeout(flush, LINGER_MS);
    } else if (!scheduled) {
      scheduled = true;
      // After everything that arrived in this turn of the loop: what it set in motion travels in one message, and shares an fsync.
      setImmediate(flush);
    }
    return answer;
  }

  function failAll(message: string, stored: 'no' | 'unknown'): void {
    if (failed !== undefined) return;
    failed = message;
    clearTimeout(lingering);
    const sent = waiting.length - unsent.length;
    for (let at = head; at < waiting.length; at += 1) {
      waiting[at]?.reject(new StoreUnavailable(message, at < sent ? stored : 'no'));
    }
    waiting = [];
    unsent = [];
    head = 0;
    bytes = 0;
  }

  return {
    push,
    waiting: () => waiting.length - head,
    flush,
    failAll,
    resolve: (answer) => shift().resolve(answer),
    reject: (error) => shift().reject(error),
  };
}

/** About what a command occupies while it waits. */
export function bytesOf(command: Command): number {
  let bytes = 256;
  for (const step of command.steps) {
    for (let at = 0; at < step.params.length; at += 1) bytes += sizeOf(step.params[at]);
  }
  for (const entry of command.entries) {
    bytes +=
      256 + ('statement' in entry ? entry.statement.length : entry.envelope.length + entry.leaf.length);
  }
  return bytes;
}

const sizeOf = (value: Value | undefined): number =>
  typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8;
