/** How much broken glass nobody has judged yet, for whoever watches the gateway's numbers. */
import type { Metrics } from '../metrics/metrics.ts';
import type { Store } from '../store/store.ts';
import type { Notices } from './notices.ts';

type Watching = { readonly store: Store; readonly metrics: Metrics; readonly notices: Notices };

/** Counted at the start, at every change here, and again whenever it is asked for: another node's is in the next answer. */
export function countOpen({ store, metrics, notices }: Watching): void {
  let open = 0;
  const look = async (): Promise<void> => {
    const sql = "SELECT COUNT(*) AS n FROM broken_glass WHERE status = 'open'";
    const [row] = await store.read({ sql, params: [] });
    open = Number(row?.['n'] ?? 0);
  };
  const again = (): void => {
    // A store that does not answer is said elsewhere; the number stays what it was.
    void look().catch(() => undefined);
  };
  metrics.observed(
    { name: 'countersign_break_glass_open', help: 'Broken glass whose review afterwards is open.' },
    () => {
      again();
      return open;
    },
  );
  notices.listen(again);
  again();
}
