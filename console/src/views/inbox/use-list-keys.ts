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
  const back = useRef(at);
  useEffect(() => {
    if (back.current === undefined || list.current === null) return;
    const found = [...list.current.querySelectorAll<HTMLElement>(ROW)].find(
      ({ dataset }) => dataset['request'] === back.current,
    );
    back.current = undefined;
    found?.focus({ preventScroll: true });
  });
}
