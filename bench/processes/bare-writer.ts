/** The bare proxy's thread that commits: whatever waits is one transaction and one fsync, and then it says how many. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openDurable } from './disk.ts';

const port = parentPort;
if (port === null) throw new Error('the writer is a worker thread');
const { db, insert } = openDurable(workerData as string);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');

port.on('message', (first: readonly string[]) => {
  const rows = [...first];
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port))
    rows.push(...(more.message as readonly string[]));
  // A single statement is a transaction of its own.
  if (rows.length > 1) begin.run();
  for (const row of rows) insert.run(row);
  if (rows.length > 1) commit.run();
  // Durable from here: `synchronous` is FULL.
  port.postMessage(rows.length);
});
// Open, and nothing stored yet.
port.postMessage(0);
