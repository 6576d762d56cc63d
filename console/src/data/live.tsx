/** The gateway's stream of changes: makes what is cached stale the moment it is, and says when the line is lost. */
import type { Call } from '@countersign/sdk';
import type { Query } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { cache, gate, noteError } from './gate.ts';

/** `offline`: the browser says that it has no network, and the gateway does not answer either. */
export type Line = 'connecting' | 'live' | 'lost' | 'offline' | 'ended';
const Context = createContext<Line>('connecting');
export const useLine = (): Line => useContext(Context);

export function Live({ children }: { readonly children: ReactNode }) {
  const [line, setLine] = useState<Line>('connecting');
  useEffect(() => {
    const over = new AbortController();
    watchNetwork(over.signal, setLine);
    return () => over.abort();
  }, []);
  return <Context value={line}>{children}</Context>;
}

/**
 * The stream alone would notice a lost network after half a minute of silence, and its return after a pause that grows.
 * The browser knows at once: one stream until it goes offline, another once it is back. A gateway on this machine is
 * there without a network too, so it is asked before the line is taken for dead.
 */
function watchNetwork(signal: AbortSignal, say: (line: Line) => void): void {
  let stream: AbortController | undefined;
  const begin = (): void => {
    stream?.abort();
    const mine = new AbortController();
    stream = mine;
    follow(AbortSignal.any([signal, mine.signal]), (line) => {
      if (stream === mine) say(line);
    }).catch((error: unknown) => {
      if (signal.aborted || mine.signal.aborted) return;
      say('ended');
      noteError(error);
    });
  };
  const gone = (): void => {
    say('offline');
    // A stream of its own: what the old one missed is never known.
    stream?.abort();
    stream = undefined;
    gate.me().then(
      () => {
        if (stream === undefined && !signal.aborted) begin();
      },
      () => undefined, // as the browser said
    );
  };
  const back = (): void => {
    if (stream !== undefined) return;
    say('lost');
    begin();
  };
  begin();
  addEventListener('offline', gone, { signal });
  addEventListener('online', back, { signal });
  signal.addEventListener('abort', () => stream?.abort());
}

async function follow(signal: AbortSignal, say: (line: Line) => void): Promise<void> {
  for await (const event of gate.requests.watch({ signal })) {
    switch (event.kind) {
      case 'lost':
        say('lost');
        break;
      case 'resumed':
        say('live');
        break;
      case 'look_again':
        say('live');
        void cache.invalidateQueries();
        break;
      case 'change':
        say('live');
        if (event.change.run === undefined)
          void cache.invalidateQueries({ queryKey: ['requests', 'waiting'] });
        void cache.invalidateQueries({ queryKey: ['requests', 'one', event.change.request_id] });
        void cache.invalidateQueries({ queryKey: ['break-glass', 'one'] });
        void cache.invalidateQueries({ queryKey: ['agents'], exact: true });
        void cache.invalidateQueries({
          queryKey: ['calls', 'one'],
          predicate: (query) => isOf(query, event.change.request_id),
        });
        break;
      case 'break_glass':
        say('live');
        void cache.invalidateQueries({ queryKey: ['break-glass'] });
        void cache.invalidateQueries({ queryKey: ['requests', 'one', event.notice.request_id] });
        break;
    }
  }
}

/** The call a request is of, or one that runs on what it gave. */
function isOf({ state }: Query, request_id: string): boolean {
  const call = state.data as Pick<Call, 'request_id' | 'granted_by'> | undefined;
  return call?.request_id === request_id || call?.granted_by === request_id;
}
