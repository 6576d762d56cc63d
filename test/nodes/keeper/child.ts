/** The process that keeps the store. Arguments: the database file, the socket. Says `open` once it listens; ends with its input. */
import { createServer } from 'node:net';
import { openSqliteStore } from '../../../gateway/src/store/sqlite/sqlite.ts';
import { StoreUnavailable } from '../../../gateway/src/store/store.ts';
import { type Asked, speak, type Told } from './wire.ts';

const [file = '', socket_path = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path: file });

const carriedOut = (asked: Asked): Promise<unknown> => {
  if ('commit' in asked) return store.commit(asked.commit);
  return 'read' in asked ? store.read(asked.read) : store.logSize();
};

const server = createServer((socket) => {
  const tell = speak<Told, Asked>(socket, (asked) => {
    const { id } = asked;
    carriedOut(asked).then(
      (answer) => tell({ id, answer }),
      (error: unknown) => {
        const stored = error instanceof StoreUnavailable ? { stored: error.stored } : {};
        tell({ id, failed: { message: String(error), ...stored } });
      },
    );
  });
  const leave = store.onAppend((grown) => tell({ grown }));
  socket.on('close', leave);
  socket.on('error', () => socket.destroy()); // killed at the other end
});
server.listen(socket_path, () => console.log('open'));
process.stdin.resume().on('end', () => {
  server.close();
  void store.close().then(() => process.exit(0));
});
