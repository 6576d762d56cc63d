/** What can be fuzzed: a property and how long a run of it takes, so that a time box can be shared out fairly. */
import fc from 'fast-check';

export type Target = {
  readonly name: string;
  /** Runs between two looks at the clock. */
  readonly batch: number;
  readonly property: () => fc.IRawProperty<unknown>;
};

export type Failure = { readonly target: string; readonly seed: number; readonly report: string };

/** One batch. The seed alone brings a failure back. */
export async function runBatch(target: Target, seed: number): Promise<Failure | undefined> {
  const details = await fc.check(target.property(), {
    seed,
    numRuns: target.batch,
    interruptAfterTimeLimit: 60_000,
  });
  if (!details.failed) return undefined;
  const report = fc.defaultReportMessage(details) ?? 'failed without a report';
  return { target: target.name, seed, report };
}
