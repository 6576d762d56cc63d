/** Whether the end of something has been on the screen: what nobody could have looked at, nobody approves (A4, A7). */
import { type RefCallback, useCallback, useState } from 'react';

/** What stands over the end of the page, where the answer is at the thumb. */
const COVERED_PX = 120;

/** `of` names what is shown, by its digest: once that is another, revealed say, it was not seen yet. */
export function useSeen(of: string): readonly [seen: boolean, end: RefCallback<HTMLElement>] {
  const [seen, setSeen] = useState<string>();
  const end = useCallback(
    (element: HTMLElement | null) => {
      if (element === null) return;
      const watch = new IntersectionObserver(
        (entries) => {
          if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
          setSeen(of);
          watch.disconnect();
        },
        { rootMargin: `0px 0px -${COVERED_PX}px 0px` },
      );
      watch.observe(element);
      return () => watch.disconnect();
    },
    [of],
  );
  return [seen === of, end];
}
