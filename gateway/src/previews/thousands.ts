/**
 * A count as people read it: 12,345. By hand, because the first number Node is asked to write for a locale has it read
 * tables of every language there is, some 7 MB that stay.
 */
export const thousands = (count: number): string => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
