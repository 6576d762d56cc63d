/** Keeps the list still while somebody reads it: scrolled down, or with the keyboard in it. */
import type { InboxItem } from '@countersign/sdk';
import { type RefObject, useEffect, useState } from 'react';
import { keepStill, NOTHING, type Steady, settle } from './steady.ts';

const TOP_PX = 24;

export function useSteady(
  items: readonly InboxItem[],
  list: RefObject<HTMLElement | null>,
): readonly [steady: Steady, show: () => void] {
  const [steady, setSteady] = useState<Steady>(() => settle(items));
  useEffect(() => {
    const reading = scrollY > TOP_PX || list.current?.contains(document.activeElement) === true;
    setSteady((before) => (reading && before !== NOTHING ? keepStill(before, items) : settle(items)));
  }, [items, list]);
  return [steady, () => setSteady(settle(items))];
}
