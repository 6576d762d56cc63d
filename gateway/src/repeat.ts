/** Something done again and again, one at a time, until stopped. A failure is said, and it is done again all the same. */
export type Repeated = {
  readonly every_ms: number;
  readonly run: () => Promise<unknown>;
  readonly failed: (error: unknown) => void;
};

/** Returns the way to stop, which resolves when nothing runs any more. */
export function startRepeating({ every_ms, run, failed }: Repeated): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let idle = true;
  const timer = setInterval(() => {
    if (!idle) return;
    idle = false;
    running = run()
      .catch(failed)
      .finally(() => {
        idle = true;
      });
  }, every_ms);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
