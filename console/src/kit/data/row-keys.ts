/** `j` and `k` go through the links of a list, whether they are all drawn or only those in sight; `/` goes to its search. */
import { useKeys } from '../key.tsx';

const all = (within: string): readonly HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>(`${within} li a[data-row]`),
];

function step(within: string, by: 1 | -1): void {
  const links = all(within);
  const { activeElement } = document;
  const at = activeElement instanceof HTMLElement ? links.indexOf(activeElement) : -1;
  const next = links[at === -1 ? (by === 1 ? 0 : links.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

export function useRowKeys(within: string, search?: string): void {
  useKeys({
    j: () => step(within, 1),
    k: () => step(within, -1),
    ...(search === undefined ? {} : { '/': () => document.querySelector<HTMLElement>(search)?.focus() }),
  });
}
