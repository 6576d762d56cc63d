/** The gateway's stream of changes: makes what is cached stale the moment it is, and says when the line is lost. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { cache, gate, noteError } from './gate.ts';

export type Line = 'connecting' | 'live' | 'lost' | 'ended';
const Context = createContext<Line>('connecting');
export const useLine = (): Line => useContext(Context);

export function Live({ children }: { readonly children: ReactNode }) {
  const [line, setLine] = useState<Line>('connecting');
  useEffect(() => {
    const over = new AbortController();
    follow(over.signal, setLine).catch((error: unknown) => {
      if (over.signal.aborted) return;
      setLine('ended');
      noteError(error);
    });
    return () => over.abort();
  }, []);
  return <Context value={line}>{children}</Context>;
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
        break;
      case 'break_glass':
        say('live');
        void cache.invalidateQueries({ queryKey: ['break-glass'] });
        void cache.invalidateQueries({ queryKey: ['requests', 'one', event.notice.request_id] });
        break;
    }
  }
}
