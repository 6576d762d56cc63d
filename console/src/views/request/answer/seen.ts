/** Whether the end of something has been on the screen: what nobody could have looked at, nobody approves (A4, A7). */
import { type RefCallback, useCallback, useState } from 'react';

export function useSeen(): readonly [seen: boolean, end: RefCallback<HTMLElement>] {
  const [seen, setSeen] = useState(false);
  const end = useCallback((element: HTMLElement | null) => {
    if (element === null) return;
    const watch = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) {
        setSeen(true);
        watch.disconnect();
      }
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return [seen, end];
}
