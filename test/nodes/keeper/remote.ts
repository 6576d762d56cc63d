/** The store port, over the keeper's socket. Entries are signed here: whoever keeps the store is not given the key. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createSigner } from '../../../gateway/src/audit/signer.ts';
import type { openSqliteStore } from '../../../gateway/src/store/sqlite/sqlite.ts';
import {
  type Command,
  type NewEntry,
  type Outcome,
  type Row,
  type Store,
  StoreRefused,
  StoreUnavailable,
} from '../../../gateway/src/store/store.ts';
import { type Asked, speak, type Told } from './wire.ts';

type Waiting = { resolve(answer: unknown): void; reject(error: Error): void };
type Question = Asked extends infer A ? (A extends Asked ? Omit<A, 'id'> : never) : never;

export const remoteStore =
  (socket_path: string): typeof openSqliteStore =>
  async ({ entry_key }): Promise<Store> => {
    const socket = connect(socket_path);
    await once(socket, 'connect');
    const waiting = new Map<number, Waiting>();
    const listeners = new Set<(size: number) => void>();
    let next = 0;
    let gone: string | undefined;
    const say = speak<Asked, Told>(socket, (told) => {
      if ('grown' in told) {
        for (const listener of listeners) listener(told.grown);
        return;
      }
      const asked = waiting.get(told.id);
      waiting.delete(told.id);
      if ('answer' in told) asked?.resolve(told.answer);
      else asked?.reject(failure(told.failed));
    });
    const lost = (): void => {
      gone ??= 'whoever keeps the store is gone';
      for (const { reject } of waiting.values()) reject(new StoreUnavailable(gone, 'unknown'));
      waiting.clear();
    };
    socket.on('close', lost).on('error', lost);
    const ask = (question: Question): Promise<unknown> => {
      if (gone !== undefined) return Promise.reject(new StoreUnavailable(gone, 'no'));
      next += 1;
      const id = next;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        say({ id, ...question } as Asked);
      });
    };
    const sign = entry_key === undefined ? undefined : createSigner(entry_key);
    const signed = (entry: NewEntry): NewEntry => {
      if (!('statement' in entry) || sign === undefined) return entry;
      const { statement, ...head } = entry;
      return { ...head, ...sign(statement) };
    };
    return {
      shared: true,
      commit: (command: Command) =>
        ask({ commit: { ...command, entries: command.entries.map(signed) } }) as Promise<Outcome>,
      read: <R extends Row>(query: Parameters<Store['read']>[0]) =>
        ask({ read: query }) as Promise<readonly R[]>,
      logSize: () => ask({ size: true }) as Promise<number>,
      onAppend(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      trouble: () => gone,
      async close() {
        gone ??= 'the store is closed';
        socket.end();
      },
    };
  };

const failure = ({
  message,
  stored,
}: {
  readonly message: string;
  readonly stored?: 'no' | 'unknown';
}): Error => (stored === undefined ? new StoreRefused(message) : new StoreUnavailable(message, stored));
