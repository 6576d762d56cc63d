export type Migration = {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  /** Portable statements, run in order in one transaction. */
  readonly sql: readonly string[];
};
