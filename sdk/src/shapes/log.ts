/** The audit log as looked up over the API. Entries hold identifiers and digests; clear text of arguments never (I7). */
import type { JsonObject } from '@countersign/core';

export type LogFilter = {
  readonly agent?: string;
  readonly reviewer?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly upstream?: string;
  readonly rule?: string;
  readonly request?: string;
  readonly kind?: string;
  /** Unix milliseconds, inclusive. */
  readonly since?: number;
  /** Unix milliseconds, exclusive. */
  readonly until?: number;
};

export type LogEntry = {
  readonly event_id: string;
  readonly leaf_index: number;
  readonly kind: string;
  readonly occurred_at: number;
  /**
   * What came of it, for entries that say: an evaluation `held`, `denied` or `approval_required`; an execution `allowed`
   * (begun on policy alone), `started` (on an approval), `succeeded`, `failed`, `unknown`; a review `approved`, `denied`,
   * `not counted`; a request and its resolution the status; a break-glass entry `broken`, `refused`, `acknowledged` or the verdict.
   */
  readonly outcome?: string;
  /** What changed, where an entry is about a change: a fixed phrase, such as `tool accepted` or `signed in`. */
  readonly change?: string;
  /** Let through by this broken glass, or about it. */
  readonly broken_glass?: string;
  readonly request_id?: string;
  readonly execution_id?: string;
  readonly agent?: string;
  readonly reviewer?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly upstream?: string;
  readonly rules: readonly string[];
};

export type LogEntryDetail = LogEntry & {
  /** The in-toto statement the entry signs. */
  readonly statement: JsonObject;
  /** The DSSE envelope, as stored. */
  readonly envelope: JsonObject;
};

/** A root over everything up to `size`, as signed. */
export type LoggedCheckpoint = {
  readonly size: number;
  /** The signed note, verbatim: it proves itself. */
  readonly note: string;
  /** When the gateway says it signed it: the note itself does not. */
  readonly signed_at: number;
};
