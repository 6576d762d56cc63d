/** The reader thread: a read-only connection, so that a long list never delays a permit. Each read begins after every commit acknowledged before it. */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Row } from '../store.ts';
import { openForReading } from './connection.ts';
import { failureOf, messageOf } from './failures.ts';
import { bind, type Statements, statementCache } from './statements.ts';
import type { FromReader, ReadAnswer, ReaderData, ReadRequest, ToReader } from './threads/messages.ts';

const port = parentPort;
if (port === null) throw new Error('the reader is a worker thread');
const say = (message: FromReader): void => port.postMessage(message);

function read(statements: Statements, { sql, params, rows_max }: ReadRequest): ReadAnswer {
  try {
    const prepared = statements(sql);
    const rows: Row[] = [];
    for (const row of prepared.statement.iterate(...bind(prepared, params))) {
      if (rows.length === rows_max)
        return { refused: `more than ${rows_max} rows; page, or raise rows_max: ${sql}` };
      rows.push(row as Row);
    }
    return { rows };
  } catch (error) {
    return failureOf(error) === 'refused'
      ? { refused: `${messageOf(error)}: ${sql}` }
      : { unavailable: messageOf(error) };
  }
}

function serve(db: DatabaseSync): void {
  const statements = statementCache(db);
  port?.on('message', (message: ToReader) => {
    let next: ToReader | undefined = message;
    while (next !== undefined) {
      if (next.kind === 'close') {
        db.close();
        say({ kind: 'closed' });
        port?.close();
        return;
      }
      say({ kind: 'rows', answers: next.reads.map((request) => read(statements, request)) });
      next = port === null ? undefined : receiveMessageOnPort(port)?.message;
    }
  });
  say({ kind: 'opened', size: -1 });
}

try {
  serve(openForReading((workerData as ReaderData).path));
} catch (error) {
  say({ kind: 'failed', message: messageOf(error) });
  port.close();
}
