/**
 * What another process on the same store made so, loaded and served here. A raised epoch is met by whoever commits under
 * the old one, and looked for besides; what is in force is then read whole, in turn with the changes made here, and
 * served in one step, so that nothing is ever decided on half of it (I8). What cannot be served here closes this gateway:
 * it permits nothing, raises nothing, says why, and looks again.
 */
import type { Store } from '../store/store.ts';

type Numbered = { readonly epoch: number };

export type Found<S extends Numbered> =
  /** `serve` makes everything beside the snapshot what the store says it is. It must not wait. */
  { readonly kind: 'found'; readonly next: Omit<S, 'epoch'>; readonly serve: () => void } | Closed;
/** `why` is public; what stands in files is in `detail`, for whoever reads the gateway's own log. */
type Closed = { readonly kind: 'closed'; readonly why: string; readonly detail?: string };

export type Following<S extends Numbered> = {
  /** In turn with everything that changes the authority here. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /** What is in force by the store. It may be read while it changes: then it is read again. */
  load(current: S): Promise<Found<S>>;
  /** Something was served, or why nothing can be; not told twice. */
  told(outcome: {
    readonly epoch: number;
    readonly trouble: string | undefined;
    readonly detail?: string;
  }): void;
};

type Held<S> = {
  current(): S;
  inTurn(work: () => Promise<void>): Promise<void>;
  serve(next: Omit<S, 'epoch'>, epoch: number): void;
};

type Standing = {
  readonly why: string;
  readonly detail: string | undefined;
  readonly epoch: number;
  readonly at: number;
};

/** How long whoever meets a new epoch waits for it. */
const WAIT_MS = 5_000;
/** Read again that often while others go on changing it; then it is said that nothing can be served, until the next look. */
const READINGS_MAX = 5;
/** No store has it: what is decided under it is never committed. */
const NO_EPOCH = -1;
/** While closed, files and store are read this often at most, however many ask. */
const CLOSED_LOOK_MS = 1_000;

export function createCatchUp<S extends Numbered>(store: Pick<Store, 'read'>, held: Held<S>) {
  let following: Following<S> | undefined;
  let looking: Promise<void> | undefined;
  /** The store went back from there: once it has that number again, it may stand for something else. */
  let fell_from: number | undefined;
  let closed: Standing | undefined;

  const close = (epoch: number, { why, detail }: Omit<Closed, 'kind'>): void => {
    const before = closed;
    closed = { why, detail, epoch, at: performance.now() };
    if (before?.why !== why || before.detail !== detail)
      following?.told({ epoch, trouble: why, ...(detail === undefined ? {} : { detail }) });
  };
  const open = (epoch: number): void => {
    const before = closed;
    closed = undefined;
    if (before !== undefined) following?.told({ epoch, trouble: undefined });
  };

  async function read(by: Following<S>): Promise<void> {
    let epoch = NO_EPOCH;
    for (let reading = 0; reading < READINGS_MAX; reading += 1) {
      epoch = await epochOf(store);
      if (epoch === held.current().epoch) return open(epoch);
      if (epoch < (fell_from ?? held.current().epoch)) {
        fell_from ??= held.current().epoch;
        held.serve(held.current(), NO_EPOCH);
        return close(epoch, { why: OLDER });
      }
      const found = await by.load(held.current()).catch(closedBy);
      if ((await epochOf(store)) !== epoch) continue; // it moved while it was read: what was read may be of two
      if (found.kind === 'closed') return close(epoch, found);
      held.serve(found.next, epoch);
      found.serve();
      fell_from = undefined;
      by.told({ epoch, trouble: undefined });
      closed = undefined;
      return;
    }
    close(epoch, { why: MOVING });
  }

  async function look(by: Following<S>): Promise<void> {
    const epoch = await epochOf(store);
    if (closed === undefined && epoch === held.current().epoch) return;
    if (closed?.epoch === epoch && performance.now() - closed.at < CLOSED_LOOK_MS) return;
    await by.inTurn(() => held.inTurn(() => read(by)));
  }

  return {
    follows: () => following !== undefined,
    follow(by: Following<S>): void {
      following = by;
    },
    trouble: () => closed?.why,
    async catchUp(): Promise<boolean> {
      if (following === undefined) return false;
      const before = held.current().epoch;
      // A store that cannot be read is said elsewhere, and permits nothing anyway.
      looking ??= look(following)
        .catch(() => undefined)
        .finally(() => {
          looking = undefined;
        });
      await within(WAIT_MS, looking);
      return held.current().epoch !== before;
    },
  };
}

const OLDER =
  'the store is an older one than was open here; stop this gateway, and see whether the store was put back from a backup';

const MOVING =
  'other gateways on this store change what is in force faster than it can be read here; the audit log says what they change, and who does';

const closedBy = (error: unknown): Closed => ({
  kind: 'closed',
  why: 'what another gateway on this store put in force cannot be loaded here; the gateway’s log says why',
  detail: error instanceof Error ? error.message : String(error),
});

async function epochOf(store: Pick<Store, 'read'>): Promise<number> {
  const [row] = await store.read({ sql: 'SELECT epoch FROM authority WHERE id = 1', params: [] });
  if (row === undefined) throw new TypeError('the store has no authority row');
  return Number(row['epoch']);
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
