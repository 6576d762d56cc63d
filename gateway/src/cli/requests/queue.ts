/** What stands before a watching person: each open request once, in the gateway's order, withdrawn when it is resolved. */

export type Queue = {
  /** These are open now, most urgent first. What was served already is not served again. */
  replace(ids: readonly string[]): void;
  /** It could not be served after all: the next list that has it brings it back. */
  putBack(id: string): void;
  /** It is resolved: never served, and gone if it is being served. */
  drop(id: string): void;
  /** The next one, when there is one; undefined once closed. One caller at a time. */
  next(): Promise<{ readonly id: string; readonly gone: AbortSignal } | undefined>;
  close(): void;
};

export function createQueue(): Queue {
  let waiting: readonly string[] = [];
  let closed = false;
  let wake: (() => void) | undefined;
  let serving: { readonly id: string; readonly gone: AbortController } | undefined;
  const served = new Set<string>();
  const rouse = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    replace(ids) {
      const open = new Set(ids);
      // What is no longer open is forgotten, so that the set stays as small as the list.
      for (const id of served) if (!open.has(id)) served.delete(id);
      waiting = ids.filter((id) => !served.has(id));
      if (serving !== undefined && !open.has(serving.id)) serving.gone.abort();
      rouse();
    },
    putBack: (id) => void served.delete(id),
    drop(id) {
      waiting = waiting.filter((each) => each !== id);
      if (serving?.id === id) serving.gone.abort();
    },
    async next() {
      serving = undefined;
      while (!closed) {
        const [id, ...rest] = waiting;
        if (id !== undefined) {
          waiting = rest;
          served.add(id);
          serving = { id, gone: new AbortController() };
          return { id, gone: serving.gone.signal };
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return undefined;
    },
    close() {
      closed = true;
      rouse();
    },
  };
}
