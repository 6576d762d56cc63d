/**
 * What a running gateway asks of Node so as to weigh little, where the process begins. V8 sets room aside for new objects
 * as for a browser's page, lets garbage grow as large as what lives, and glibc gives every thread a heap of its own. That
 * made a third of a gateway that holds thousands of calls. It can hardly be changed once Node runs, so the process begins
 * anew. Nothing here may change what the gateway does.
 */
import { setFlagsFromString } from 'node:v8';

const ROOM = '--max-semi-space-size';
const ROOM_MB = 4;
/** The store's threads make little that is new at a time. */
const ROOM_OF_STORE_MB = 1;
/** The thread that masks holds large values. */
const ROOM_OF_MASKING_MB = 4;

/**
 * What `serve` runs under: halves of 4 MB for new objects, garbage of three tenths of what lives. So little is collected by
 * one thread sooner than others are woken to help.
 *
 * And what is used often is compiled well after 500 times instead of 3,000: a gateway may take days to see as many calls,
 * and until then each costs up to twice as much.
 *
 * glibc keeps what was freed in case it is wanted again, and more of it the more was asked for once; room for what was read
 * stood between open connections. Larger blocks are the kernel's own, and go back to it; so does the end of
 * the heap. That is what lets new objects have more room.
 */
export const FOOTPRINT = {
  options: [
    `${ROOM}=${ROOM_MB}`,
    '--heap-growing-percent=30',
    '--no-parallel-scavenge',
    '--expose-gc',
    '--invocation-count-for-turbofan=500',
  ],
  env: {
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '32768',
    MALLOC_TRIM_THRESHOLD_: '65536',
    MALLOC_TOP_PAD_: '16384',
  },
} as const;

export type Start = {
  readonly options: readonly string[];
  readonly env: NodeJS.ProcessEnv;
};

/** How this process should have been started; undefined: just so, or as its operator chose. */
export function leanStart({ options, env }: Start): Start | undefined {
  const given = [...options, ...(env['NODE_OPTIONS'] ?? '').split(' ')];
  // Either spelling: V8's flags may be written with underscores.
  if (given.some((option) => option.replaceAll('_', '-').startsWith(ROOM))) return undefined;
  return { options: [...options, ...FOOTPRINT.options], env: { ...FOOTPRINT.env, ...env } };
}

/**
 * Begins this process anew, under the same id and with the same terminal, if it was not started as it should be. Where a
 * process cannot be replaced (Windows), or a parent speaks to it over a channel that would be lost, it goes on as it is.
 */
export function becomeLean(): void {
  const { execPath, execArgv, argv, env, execve, connected } = process;
  const start = leanStart({ options: execArgv, env });
  if (start === undefined) {
    roomOfThreads(ROOM_OF_STORE_MB);
    return;
  }
  if (execve === undefined || connected) return;
  try {
    execve.call(process, execPath, [execPath, ...start.options, ...argv.slice(1)], start.env);
  } catch {
    // Not allowed to here (a sandbox): it weighs more and does the same.
  }
}

/**
 * The store's threads run: the one that begins from now on is the one that masks. What only the start needed goes, among it
 * the code that put everything together; V8 would wait with that until much more was made. Takes some 60 ms, once.
 */
export function endLeanStart(): void {
  roomOfThreads(ROOM_OF_MASKING_MB);
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Read when a thread begins, so it is for those to come. Not where an operator chose otherwise. */
function roomOfThreads(mb: number): void {
  if (process.execArgv.includes(FOOTPRINT.options[0])) setFlagsFromString(`${ROOM}=${mb}`);
}
