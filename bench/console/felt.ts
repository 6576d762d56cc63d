/**
 * What somebody feels of a page that scrolls, noted inside it: how long each input waited until its handler ran, how long
 * the page drew nothing new while something was asked of it, and how long there was nothing where rows should be.
 */
export type Felt = {
  /** Of each wheel, key and pointer event: from when the browser had it to when the page did, milliseconds. */
  readonly delay_ms: readonly number[];
  /** Between frames, while inputs came. */
  readonly gap_ms: readonly number[];
  /** The longest stretch of frames with no row in the middle of the screen, or at one of its ends. */
  readonly blank_ms: number;
  readonly inputs: number;
};

type Noted = { felt?: { readonly stop: () => Felt } };

/** Runs in the page: it can name nothing from outside it. */
function begin(row: string | undefined): void {
  const asked_for = 250;
  const delay_ms: number[] = [];
  const gap_ms: number[] = [];
  let [last_input, last_frame, blank_since, blank_ms, inputs] = [
    Number.NEGATIVE_INFINITY,
    performance.now(),
    0,
    0,
    0,
  ];
  let going = true;
  const note = (event: Event): void => {
    inputs += 1;
    last_input = performance.now();
    delay_ms.push(last_input - event.timeStamp);
  };
  const kinds = ['wheel', 'keydown', 'mousedown', 'mousemove', 'mouseup'] as const;
  for (const kind of kinds) addEventListener(kind, note, { capture: true, passive: true });
  /** Of key and pointer events, and what came of them: until the next frame was drawn. */
  const timed = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceEventTiming[])
      delay_ms.push(entry.processingStart - entry.startTime);
  });
  timed.observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  const isBlank = (): boolean => {
    if (row === undefined) return false;
    const list = document.querySelector('main ul')?.getBoundingClientRect();
    if (list === undefined) return true;
    const [top, bottom] = [Math.max(list.top, 0) + 8, Math.min(list.bottom, innerHeight) - 8];
    if (bottom <= top) return false;
    const x = list.left + list.width / 2;
    return [top, (top + bottom) / 2, bottom].some(
      (y) => document.elementFromPoint(x, y)?.closest('li') == null,
    );
  };
  const frame = (now: number): void => {
    if (!going) return;
    if (now - last_input < asked_for) gap_ms.push(now - last_frame);
    last_frame = now;
    // After this frame is drawn: what was seen, not what was about to change.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const at = performance.now();
      if (!isBlank()) blank_since = 0;
      else {
        if (blank_since === 0) blank_since = now;
        blank_ms = Math.max(blank_ms, at - blank_since);
      }
    };
    channel.port2.postMessage(undefined);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  (globalThis as Noted).felt = {
    stop: () => {
      going = false;
      timed.disconnect();
      for (const kind of kinds) removeEventListener(kind, note, { capture: true });
      return { delay_ms, gap_ms, blank_ms, inputs };
    },
  };
}

function end(): Felt {
  const { felt } = globalThis as Noted;
  if (felt === undefined) throw new Error('nothing was noted');
  return felt.stop();
}

export const watch = { begin, end };
