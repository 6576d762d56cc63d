/** Days as a date field writes them, `2026-11-28`, where the person is. */
export function startOf(day: string): number | undefined {
  const at = Date.parse(`${day}T00:00`);
  return Number.isNaN(at) ? undefined : at;
}

/** Its last millisecond, however long the day is there. */
export function lastOf(day: string): number | undefined {
  const start = startOf(day);
  if (start === undefined) return undefined;
  const next = new Date(start);
  next.setDate(next.getDate() + 1);
  return next.getTime() - 1;
}

export function dayOf(at: number): string {
  const day = new Date(at);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}
