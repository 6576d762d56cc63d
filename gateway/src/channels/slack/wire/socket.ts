/**
 * Socket Mode: Slack's messages over a connection the gateway opens, so that Slack needs no way in. When Slack announces
 * that a connection ends, the next is open before it does; when one is lost, another is opened, ever more slowly. It takes
 * and hands on; what messages mean is decided elsewhere.
 */
import { SlackTrouble } from '../api/trouble.ts';
import { type Line, type LineParts, openLine } from './line.ts';

const BEAT_MS = 10_000;
const OPENING_MS_MAX = 15_000;
/** How long an ending connection is listened to beside its successor. */
const DRAIN_MS = 30_000;
const RETRY_MS = { least: 500, most: 30_000, hopeless: 120_000 } as const;

export type SocketParts = Pick<LineParts, 'app_id' | 'seen' | 'take' | 'accepts' | 'now' | 'way'> & {
  /** A fresh address to connect to. @throws SlackTrouble */
  readonly open: () => Promise<string>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** 0 to 1. */
  readonly random: () => number;
};

type Trouble = { readonly since: number; readonly says: string };

export type SlackSocket = {
  /** Undefined while connected; else since when it is not, and why. */
  trouble(): Trouble | undefined;
  close(): void;
};

export function openSocket(parts: SocketParts): SlackSocket {
  const { now, log, random } = parts;
  const lines = new Set<Line>();
  let closed = false;
  let failures = 0;
  let opening = false;
  let timer: NodeJS.Timeout | undefined;
  let trouble: Trouble | undefined = { since: now(), says: 'connecting to Slack' };

  const say = (says: string): void => {
    if (trouble?.says !== says) log.warn({ channel: 'slack' }, says);
    trouble = { since: trouble?.since ?? now(), says };
  };
  const later = (ms: number): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), ms).unref();
  };
  const isLive = (): boolean => [...lines].some((line) => line.isLive());

  async function connect(): Promise<void> {
    if (closed || opening || isLive()) return;
    opening = true;
    try {
      const url = new URL(await parts.open());
      if (!closed) await begin(url);
    } catch (error) {
      failures += 1;
      say(error instanceof Error ? error.message : 'cannot connect to Slack');
      later(waitAfter(error, failures, random()));
    } finally {
      opening = false;
    }
  }

  /** Resolves when Slack greets. */
  function begin(url: URL): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => line.end('Slack took the connection and said nothing'),
        OPENING_MS_MAX,
      ).unref();
      const line = openLine({
        ...parts,
        url,
        ready() {
          clearTimeout(patience);
          failures = 0;
          trouble = undefined;
          for (const other of lines) if (other !== line) retire(other);
          log.info({ channel: 'slack' }, 'connected to Slack (Socket Mode)');
          resolve();
        },
        leaving: () => later(0),
        ended(says = 'the connection to Slack was lost; connecting again') {
          clearTimeout(patience);
          lines.delete(line);
          reject(new Error(says)); // nothing to whoever heard that it began
          if (closed || opening || isLive()) return;
          say(says);
          later(RETRY_MS.least * random());
        },
      });
      lines.add(line);
    });
  }

  const beat = setInterval(() => {
    for (const line of lines) line.beat();
  }, BEAT_MS).unref();

  void connect();
  return {
    trouble: () => trouble,
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(beat);
      for (const line of [...lines]) line.end();
    },
  };
}

function retire(line: Line): void {
  line.retire();
  setTimeout(() => line.end(), DRAIN_MS).unref();
}

/** A token that is wrong may be put right at Slack: it is asked again, slowly. */
function waitAfter(error: unknown, failures: number, random: number): number {
  const backoff = Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** Math.min(failures, 10)) * (0.5 + random / 2);
  if (!(error instanceof SlackTrouble)) return backoff;
  return Math.max(backoff, error.when === 'never' ? RETRY_MS.hopeless : 0, error.retry_after_ms ?? 0);
}
