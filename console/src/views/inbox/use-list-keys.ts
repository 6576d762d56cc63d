/** The keyboard in the list: `j` and `k` go from row to row, `a` and `d` to the answer, `/` to the search. */
import { useNavigate } from '@tanstack/react-router';
import { type RefObject, useEffect, useRef } from 'react';
import { useKeys } from '../../kit/key.tsx';

const ROW = '[data-request]';

export function useListKeys(list: RefObject<HTMLElement | null>, at: string | undefined): void {
  const navigate = useNavigate();
  const rows = (): readonly HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>(ROW) ?? [])];
  const here = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>(ROW) ?? null;
  const step = (by: 1 | -1): void => {
    const all = rows();
    const current = here();
    const next = current === null ? all[0] : all[all.indexOf(current) + by];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  /** Never decided from here: the answer is given where all of it is shown. */
  const answer = (what: 'approve' | 'deny'): void => {
    const id = here()?.dataset['request'];
    if (id !== undefined) void navigate({ to: '/requests/$id', params: { id }, search: { do: what } });
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    a: () => answer('approve'),
    d: () => answer('deny'),
    '/': () => document.querySelector<HTMLElement>('main input')?.focus(),
  });
  useReturn(list, at);
}

const FRAMES_MAX = 30;

/** Come back to: the keyboard is where it was, once that row is drawn; not if somebody has gone elsewhere by then. */
function useReturn(list: RefObject<HTMLElement | null>, at: string | undefined): void {
  const first = useRef(at);
  useEffect(() => {
    let frame = 0;
    const look = (tries: number): void => {
      if (first.current === undefined || document.activeElement !== document.body) return;
      const found = list.current?.querySelector<HTMLElement>(`[data-request="${CSS.escape(first.current)}"]`);
      found?.focus({ preventScroll: true });
      if (found === null && tries > 0) frame = requestAnimationFrame(() => look(tries - 1));
    };
    look(FRAMES_MAX);
    return () => cancelAnimationFrame(frame);
  }, [list]);
}
