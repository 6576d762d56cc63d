/** Waiting for what happens in its own time, by looking: no test waits in another way, and none without an end. Nothing here is shipped. */
const LOOK_MS = 20;
const WITHIN_MS = 20_000;
/** For a process to start on a busy machine, and for what another left half done to be taken up. */
export const PROCESS_MS = 60_000;

type What = string | (() => string);

/** @throws Error saying what never came */
export async function until(
  what: What,
  holds: () => boolean | Promise<boolean>,
  within_ms = WITHIN_MS,
): Promise<void> {
  await eventually(what, async () => ((await holds()) ? true : undefined), within_ms);
}

/** What it finds, once there is something. @throws Error saying what never came */
export async function eventually<T>(
  what: What,
  look: () => T | undefined | Promise<T | undefined>,
  within_ms = WITHIN_MS,
): Promise<T> {
  const deadline = performance.now() + within_ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline)
      throw new Error(`never happened: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
