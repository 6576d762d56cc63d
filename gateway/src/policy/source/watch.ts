/**
 * Tells when a folder may have changed. The system's notices come at once but not on every kind of mount, so a slow look
 * at names, sizes and times stands behind them. It may tell too often; it never reads contents.
 */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

const QUIET_MS = 100;
const LOOK_MS = 3_000;

/** Calls `changed` after the folder was quiet for a moment. Returns the stop function. Never keeps the process alive. */
export function watchFolder(folder: string, changed: () => void): () => void {
  let pending: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(pending);
    pending = setTimeout(changed, QUIET_MS).unref();
  };
  const watcher = startWatcher(folder, soon);
  let seen = outline(folder);
  const look = setInterval(() => {
    const now = outline(folder);
    if (now === seen) return;
    seen = now;
    soon();
  }, LOOK_MS).unref();
  return () => {
    clearTimeout(pending);
    clearInterval(look);
    watcher?.close();
  };
}

function startWatcher(folder: string, soon: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { recursive: true, persistent: false }, soon);
    // Out of watches, or the folder was replaced: the slow look goes on.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // No such facility here: the slow look does alone.
    return undefined;
  }
}

/** Names, sizes, times and inodes, as one text. A folder that cannot be read is a state like any other. */
function outline(folder: string): string {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml'))
      .sort()
      .map((path) => {
        const { size, mtimeMs, ino } = statSync(join(folder, path));
        return `${path} ${size} ${mtimeMs} ${ino}`;
      })
      .join('\n');
  } catch {
    return 'unreadable';
  }
}
