/** On 2026-07-28 nothing an upstream says may be cached beyond this caller and this moment: policy may differ in the next. */
import { isJsonObject, type JsonObject } from '@countersign/core';
import { TASKS_EXTENSION } from './tasks/words.ts';

const CACHED = new Set([
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'resources/read',
]);

export function decorate(method: string, result: JsonObject): JsonObject {
  if (!CACHED.has(method) || (result['resultType'] ?? 'complete') !== 'complete') return result;
  const privately =
    result['ttlMs'] === 0 && result['cacheScope'] === 'private'
      ? result
      : { ...result, ttlMs: 0, cacheScope: 'private' };
  return method === 'server/discover' ? withTasks(privately) : privately;
}

/** Tasks are the gateway's own offer, whatever the upstream offers. */
function withTasks(result: JsonObject): JsonObject {
  const capabilities = isJsonObject(result['capabilities']) ? result['capabilities'] : {};
  const extensions = isJsonObject(capabilities['extensions']) ? capabilities['extensions'] : {};
  return {
    ...result,
    capabilities: { ...capabilities, extensions: { ...extensions, [TASKS_EXTENSION]: {} } },
  };
}
