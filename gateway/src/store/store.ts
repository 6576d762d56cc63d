/**
 * The store: everything that must survive. Two adapters stand behind this port (an embedded file, a shared server)
 * and one contract suite runs over both. The port never interprets what it stores and never decides anything.
 *
 * Durability. `commit` resolves only after the whole command — rows, audit entries and their leaf indexes — is on
 * stable storage (I10). A resolved commit survives `kill -9` and power loss. A rejected commit may or may not have
 * happened ({@link StoreUnavailable} says which is known); callers treat "may have" as happened and look again.
 *
 * Concurrency. A command is a list of guarded statements run in order inside one transaction. If any guard does not
 * hold, none of the command happens and the outcome names the step. Commands of many callers share one fsync (group
 * commit) without sharing a fate: each stands or falls alone. Two commands guarded on the same row cannot both win,
 * on any number of nodes. Reads see every commit acknowledged before they were asked.
 *
 * A step that meets a row already there under a unique key is a guard that does not hold: somebody was first.
 *
 * Erasure. What a command marked `erases` overwrites or deletes is gone from the rows when it resolves, and its former
 * bytes from the store's files too: at once, or as soon as whoever is still reading an older state has finished.
 *
 * Search. Tables named `search_…` find rows by their words (`search.ts`); what is deleted there is erased like any row.
 *
 * Retry. The store never retries a command by itself. A guard that failed is an answer, not an error.
 *
 * SQL is one portable text for both adapters: TEXT and BIGINT columns, JSON as canonical text, `$1`-style
 * parameters, no vendor functions. Times are unix milliseconds.
 */
export type Value = string | number | bigint | null | Uint8Array;
export type Row = { readonly [column: string]: Value };

/** One statement; `rows` is how many rows it must touch (UPDATE, DELETE, INSERT) or return (SELECT). `any`: no guard. */
export type Step = {
  readonly name: string;
  readonly sql: string;
  readonly params: readonly Value[];
  readonly rows: number | 'any';
};

/** An audit entry; the store gives it its leaf index in the same transaction (I10). */
export type NewEntry = SignedEntry | UnsignedEntry;
type EntryHead = {
  readonly event_id: string;
  readonly kind: string;
  readonly occurred_at: number;
  /** What the entry can be looked up by. Values are identifiers, never secrets (I7). */
  readonly terms: EntryTerms;
};
/** Ready as it is. */
export type SignedEntry = EntryHead & {
  /** DSSE envelope, JSON text. */
  readonly envelope: string;
  /** RFC 8785 bytes of the log leaf, as text. */
  readonly leaf: string;
};
/** For a store that was given the entry key: it signs, off the main thread, what it is about to store. Any other refuses it. */
export type UnsignedEntry = EntryHead & {
  /** in-toto statement, RFC 8785. */
  readonly statement: string;
};
/** Columns of an entry, in the order they are written everywhere. */
export const TERM_COLUMNS = [
  'request_id',
  'execution_id',
  'agent',
  'reviewer',
  'action',
  'resource',
  'upstream',
] as const;
export type EntryTerms = { readonly [C in (typeof TERM_COLUMNS)[number]]?: string } & {
  readonly rules?: readonly string[];
};

export type Command = {
  /** For traces and faults: `open-request`, `redeem`, … */
  readonly name: string;
  readonly steps: readonly Step[];
  readonly entries: readonly NewEntry[];
  /** Nobody waits for it: the store may keep it back some milliseconds to share another command's fsync. Order is kept. */
  readonly unhurried?: true;
  /** What its steps take away must not be found in the store's files either. Costs a move of the whole write-ahead log. */
  readonly erases?: true;
};

export type Outcome =
  | {
      readonly ok: true /** Leaf index of the first entry; later ones follow. −1 when the command had none. */;
      readonly first_leaf: number;
    }
  | { readonly ok: false /** Name of the first step whose guard did not hold. */; readonly guard: string };

export type Query = { readonly sql: string; readonly params: readonly Value[] };

export type Store = {
  /** Other processes commit to it, too: what they do is looked for. Left out: this one has it to itself. */
  readonly shared?: true;
  commit(command: Command): Promise<Outcome>;
  /** Reads committed rows. Bounded: at most `rows_max` rows (default 10,000), else {@link StoreRefused}. */
  read<R extends Row = Row>(query: Query & { readonly rows_max?: number }): Promise<readonly R[]>;
  /** Number of entries in the log, as committed. */
  logSize(): Promise<number>;
  /**
   * Calls back after commits that appended entries, with the log's size: a hint to look now. Several commits may share
   * one call and, where other nodes append too, a call may be missed; whoever must not miss one also asks `logSize`.
   */
  onAppend(listener: (size: number) => void): () => void;
  /** Why it takes no more commits (a failed fsync, closed), or undefined. Readiness asks; nothing is decided by it. */
  trouble(): string | undefined;
  /** Resolves when everything acknowledged is durable and the store is closed. */
  close(): Promise<void>;
};

/** The store could not carry out a command or query: full disk, failed fsync, lost connection, closed. Fail closed (A20). */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** `no`: certainly not stored. `unknown`: it may have been; look before doing anything twice. */
  readonly stored: 'no' | 'unknown';
  constructor(message: string, stored: 'no' | 'unknown', options?: ErrorOptions) {
    super(message, options);
    this.stored = stored;
  }
}

/** The caller asked for something the store refuses: too many rows, a statement it cannot prepare. A programming error. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}
