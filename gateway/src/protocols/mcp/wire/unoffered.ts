/** What one side of a session of revision 2025-11-25 says that the other does not hear of. Pure: it only leaves out. */
import { isJsonObject, type JsonObject } from '@countersign/core';
import type { Notification, Request } from './message.ts';

/** What passes unasked carries what its revision defines, and nothing else to an upstream. */
export function withoutExtras({ kind, method, params }: Notification): Notification {
  const known = method === 'notifications/progress' ? ['progressToken', 'progress', 'total', 'message'] : [];
  return {
    kind,
    method,
    params: Object.fromEntries(Object.entries(params).filter(([key]) => known.includes(key))),
  };
}

/** The experimental tasks of 2025-11-25 are superseded and not offered: neither side hears of them. */
export function withoutTasks(message: Request): Request {
  const { capabilities } = message.params;
  if (!isJsonObject(capabilities) || !Object.hasOwn(capabilities, 'tasks')) return message;
  const { tasks: _tasks, ...rest } = capabilities;
  return { ...message, params: { ...message.params, capabilities: rest } };
}

export function withoutServerTasks(result: JsonObject): JsonObject {
  const { capabilities } = result;
  if (!isJsonObject(capabilities) || !Object.hasOwn(capabilities, 'tasks')) return result;
  const { tasks: _tasks, ...rest } = capabilities;
  return { ...result, capabilities: rest };
}
