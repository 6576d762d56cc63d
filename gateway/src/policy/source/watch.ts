/**
 * Tells when a folder of YAML files, or one file, may have changed. The system's notices come at once but not on every
 * kind of mount, so a slow look at names, sizes and times stands behind them. It may tell too often; it reads no contents.
 */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const PAUSE_MS = 100;
const LOOK_MS = 3_000;

type Watched = {
  readonly folder: string;
  readonly recursive: boolean;
  /** Whether a notice about this name matters. */
  readonly concerns: (name: string) => boolean;
  /** The state of what is watched, as text. */
  readonly outline: () => string;
};

/** Calls `changed` a moment after anything in the folder did. Returns the stop function. Never keeps the process alive. */
export const watchFolder = (folder: string, changed: () => void): (() => void) =>
  start({ folder, recursive: true, concerns: () => true, outline: () => outlineOf(folder) }, changed);

/** The same for one file, whatever else goes on beside it. */
export const watchFile = (file: string, changed: () => void): (() => void) =>
  start(
    {
      folder: dirname(file),
      recursive: false,
      // A mounted file is a link that a hidden neighbour is swapped under.
      concerns: (name) => name === basename(file) || name.startsWith('..'),
      outline: () => stateOf(file),
    },
    changed,
  );

function start(watched: Watched, changed: () => void): () => void {
  let pending: NodeJS.Timeout | undefined;
  // Not put off by further notices: under a steady stream of them it still tells.
  const soon = (): void => {
    pending ??= setTimeout(() => {
      pending = undefined;
      changed();
    }, PAUSE_MS).unref();
  };
  const watcher = startWatcher(watched, soon);
  let seen = watched.outline();
  const look = setInterval(() => {
    const now = watched.outline();
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

function startWatcher({ folder, recursive, concerns }: Watched, soon: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { recursive, persistent: false }, (_, name) => {
      if (name === null || concerns(name)) soon();
    });
    // Out of watches, or the folder was replaced: the slow look goes on.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // No such facility here: the slow look does alone.
    return undefined;
  }
}

function outlineOf(folder: string): string {
  try {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const yaml = paths.filter((path) => path.endsWith('.yaml')).sort();
    return yaml.map((path) => `${path} ${stateOf(join(folder, path))}`).join('\n');
  } catch {
    // A folder that cannot be read is a state like any other.
    return 'unreadable';
  }
}

/** Size, time and inode. */
function stateOf(path: string): string {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    return `${size} ${mtimeMs} ${ino}`;
  } catch {
    return 'unreadable';
  }
}
