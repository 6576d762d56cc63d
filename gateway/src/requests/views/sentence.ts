/**
 * One plain sentence of what would happen, made from the canonical action: never from prose (I6). Every string in it
 * is made visible, so it can stand anywhere (A1–A3). It is a summary; nobody approves from it.
 */
import {
  isJsonObject,
  type Json,
  type JsonObject,
  keyPointer,
  pointerTo,
  type Redaction,
  type Redactions,
  redactionMark,
  visible,
} from '@countersign/core';

const VALUE_CHARACTERS_MAX = 60;
const VALUES_MAX = 3;

export function sentenceOf(
  action: JsonObject,
  upstream: { id: string; env: string },
  hidden: Redactions,
): string {
  const resource = isJsonObject(action['resource']) ? String(action['resource']['id'] ?? '') : '';
  const [inResource] = hidden.get('/resource/id') ?? [];
  const context = isJsonObject(action['context']) ? action['context'] : {};
  const args = isJsonObject(context['arguments']) ? context['arguments'] : undefined;
  const head = `${inResource === undefined ? show(resource) : redactionMark(inResource)} on ${upstream.id} (${upstream.env})`;
  if (args === undefined) return head;
  const names = Object.keys(args);
  const parts = names.slice(0, VALUES_MAX).map((name) => {
    const at = pointerTo('/context/arguments', name);
    return `${shownName(name, hidden.get(keyPointer(at)))} = ${shownValue(args[name] ?? null, hidden.get(at))}`;
  });
  const more = names.length > VALUES_MAX ? [`${names.length - VALUES_MAX} more`] : [];
  return names.length === 0 ? head : `${head}: ${[...parts, ...more].join(', ')}`;
}

const show = (text: string): string => visible(text, { chars_max: VALUE_CHARACTERS_MAX }).text;

const shownName = (name: string, [redaction]: readonly Redaction[] = []): string =>
  redaction === undefined ? show(name) : redactionMark(redaction);

function shownValue(value: Json, hidden: readonly Redaction[] | undefined): string {
  const [redaction] = hidden ?? [];
  if (redaction !== undefined) return redactionMark(redaction);
  if (typeof value === 'string') {
    return value.length <= VALUE_CHARACTERS_MAX
      ? `“${visible(value, { quoted: true }).text}”`
      : sizeOf(value);
  }
  if (Array.isArray(value)) return `${value.length} items`;
  return isJsonObject(value) ? `${Object.keys(value).length} members` : String(value);
}

/** UTF-8 size of a text too long to quote. */
function sizeOf(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  return bytes < 1024 ? `${bytes} bytes of text` : `${(bytes / 1024).toFixed(1)} KiB of text`;
}
