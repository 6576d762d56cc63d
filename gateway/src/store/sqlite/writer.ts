/**
 * The writer thread: takes everything that waits, commits it as one group, answers in one message. A group of what nobody
 * waits for is begun at once and left open for others, some milliseconds.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { signerBy } from '../../audit/signing.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import { type Command, StoreRefused } from '../store.ts';
import { type Connection, openForWriting } from './connection.ts';
import { messageOf } from './failures.ts';
import { type Committer, committer, type Group, type Sign } from './group.ts';
import { migrate } from './migrate.ts';
import { type Scrubber, scrubber } from './scrub.ts';
import { statementCache } from './statements.ts';
import { LINGER_MS } from './threads/lane.ts';
import type { FromWriter, ToWriter, WriterData } from './threads/messages.ts';
import { createUnpacker } from './threads/packed.ts';

/** Commands that share one transaction at most; the rest wait for the next (I15). */
const GROUP_MAX = 1024;
/** The write-ahead log is moved into the file when this much of it is not there. */
const WAL_BYTES_MAX = 8 * 1024 * 1024;

const isUnhurried = ({ unhurried, erases }: Command): boolean => unhurried === true && erases !== true;

const port = parentPort;
if (port === null) throw new Error('the writer is a worker thread');
const { path, busy_ms, signing } = workerData as WriterData;
const say = (message: FromWriter): void => port.postMessage(message);

const unpack = createUnpacker();

let stopped: string | undefined;

type Parts = { readonly committed: Committer; readonly scrub: Scrubber };

function commitAll({ committed, scrub }: Parts, commands: readonly Command[]): void {
  // The first group is also what was begun, though nobody comes for it.
  for (let at = 0; at === 0 || at < commands.length; at += GROUP_MAX) {
    const part = commands.slice(at, at + GROUP_MAX);
    const group: Group =
      stopped === undefined
        ? committed.commit(part)
        : { answers: part.map(() => ({ unavailable: `the store has stopped: ${stopped}`, stored: 'no' })) };
    stopped ??= group.stopped;
    // Of those it was begun with, none erases.
    const last = group.answers.slice(group.answers.length - part.length);
    if (stopped === undefined) attempt('scrub', () => scrub.after(part, last));
    // Acknowledged from here: the callers may act on it.
    say({
      kind: 'answers',
      answers: group.answers,
      size: committed.size(),
      ...(stopped === undefined ? {} : { stopped }),
    });
  }
}

function checkpointIfDue(connection: Connection): void {
  if (stopped !== undefined) return;
  // A crash here loses nothing: the write-ahead log still has every commit.
  const moveMuch = (): void => {
    if (connection.unmoved() >= WAL_BYTES_MAX) connection.checkpoint();
  };
  if (!attempt('checkpoint', moveMuch)) tellStopped();
}

/** False, and the store takes no more commits, when the file could not be written. */
function attempt(what: string, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    stopped = `${what}: ${messageOf(error)}`;
    return false;
  }
}

const tellStopped = (): void =>
  say({ kind: 'answers', answers: [], size: -1, ...(stopped === undefined ? {} : { stopped }) });

function drain(first: ToWriter): { readonly commands: readonly Command[]; readonly close: boolean } {
  const commands: Command[] = [];
  let message: ToWriter | undefined = first;
  while (message !== undefined) {
    if (message.kind === 'close') return { commands, close: true };
    commands.push(...unpack(message.packed));
    message = port === null ? undefined : receiveMessageOnPort(port)?.message;
  }
  return { commands, close: false };
}

function signer(): Sign {
  if (signing !== undefined) return signerBy(signing.entry_key, signing.form);
  return () => {
    throw new StoreRefused('this store was not given the entry key: sign entries before they are committed');
  };
}

function serve(connection: Connection): void {
  migrate(connection.db, MIGRATIONS, Date.now());
  const committed = committer(connection.db, { statements: statementCache(connection.db), signed: signer() });
  const scrub = scrubber(connection, (error) => {
    stopped ??= `scrub: ${messageOf(error)}`;
    tellStopped();
  });
  let groups = 0;
  let due: NodeJS.Timeout | undefined;
  const end = (commands: readonly Command[]): void => {
    clearTimeout(due);
    due = undefined;
    commitAll({ committed, scrub }, commands);
    groups += 1;
    if (groups % 16 === 0) checkpointIfDue(connection);
  };
  port?.on('message', (message: ToWriter) => {
    const { commands, close } = drain(message);
    // A store that has stopped runs nothing, and one that is to be scrubbed has nothing open meanwhile.
    const early = !close && stopped === undefined && !scrub.pending() && commands.every(isUnhurried);
    if (early) {
      committed.begin(commands);
      due ??= setTimeout(end, LINGER_MS, []);
    } else if (commands.length > 0 || due !== undefined) end(commands);
    if (!close) return;
    scrub.stop();
    shut(connection);
  });
  say({ kind: 'opened', size: committed.size() });
}

function shut(connection: Connection): void {
  try {
    connection.close();
    say({ kind: 'closed' });
  } catch (error) {
    say({ kind: 'closed', failure: messageOf(error) });
  }
  port?.close();
}

try {
  const connection = openForWriting(path, busy_ms);
  try {
    serve(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
} catch (error) {
  say({ kind: 'failed', message: messageOf(error) });
  port.close();
}
