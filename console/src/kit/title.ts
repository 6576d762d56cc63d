/** What the tab says: how much waits, what is looked at, where. */
import { type RefObject, useEffect } from 'react';

const said = { waiting: '', page: '' };
const say = (more: Partial<typeof said>): void => {
  Object.assign(said, more);
  document.title = [`${said.waiting}${said.page}`, 'Countersign'].filter(Boolean).join(' · ');
};

/** A view's heading, as it stands: hidden characters are written out in it (A3). */
export function useTitle(heading: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const page = heading.current?.textContent ?? '';
    if (page !== said.page) say({ page });
  });
}

/** Where no one heading says it. */
export function useTitleText(page: string): void {
  useEffect(() => say({ page }), [page]);
}

/** `8+`, or nothing. */
export function useTitleCount(waiting: string): void {
  useEffect(() => {
    say({ waiting: waiting === '' ? '' : `(${waiting}) ` });
    return () => say({ waiting: '' });
  }, [waiting]);
}
