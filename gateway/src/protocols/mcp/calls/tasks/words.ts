/** The Tasks extension's shapes (SEP-2663). Only shapes: what a task is doing stands in `tasks.ts`. */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

export function declaresTasks(capabilities: JsonObject): boolean {
  const { extensions } = capabilities;
  return isJsonObject(extensions) && isJsonObject(extensions[TASKS_EXTENSION]);
}

export type TaskDetail =
  | { readonly status: 'working' | 'cancelled' }
  | { readonly status: 'input_required'; readonly inputRequests: JsonObject }
  | { readonly status: 'completed'; readonly result: Json }
  | { readonly status: 'failed'; readonly error: JsonObject };

export type TaskTimes = { readonly created_at: number; readonly updated_at: number; readonly ttl_ms: number };

export const POLL_INTERVAL_MS = 1_000;

export function taskShape(
  id: string,
  { created_at, updated_at, ttl_ms }: TaskTimes,
  { detail, message }: { readonly detail: TaskDetail; readonly message: string | undefined },
): JsonObject {
  return {
    taskId: id,
    createdAt: new Date(created_at).toISOString(),
    lastUpdatedAt: new Date(updated_at).toISOString(),
    ttlMs: ttl_ms,
    pollIntervalMs: POLL_INTERVAL_MS,
    ...(message === undefined ? {} : { statusMessage: message }),
    ...detail,
  };
}

export const isTerminal = (status: string): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';
