/**
 * Tool definitions, pinned (A9). A definition an operator accepted is a pin; anything new or changed is quarantined:
 * not listed, not callable, until a person accepts the shown diff. This file is the port and its pure parts; the store
 * behind it is the composition root's. It must never take a server's word for what a tool is.
 */
import { canonicalBytes, encodeHex, type JsonObject, sha256 } from '@countersign/core';

/** What an accepted tool does, as the operator says; never as the server says (I11). */
export const TOOL_CLASSES = ['read', 'write', 'destructive', 'unknown'] as const;
export type ToolClass = (typeof TOOL_CLASSES)[number];

export type AcceptedPin = {
  readonly pin: string;
  readonly class: ToolClass;
  /** {@link pinOf} of it, in whatever order its members were listed, is `pin`. */
  readonly definition: JsonObject;
};

export type SeenTool = { readonly tool: string; readonly pin: string; readonly definition: JsonObject };

export type Pins = {
  /** The accepted pin of a tool. Synchronous, from memory, current with the authority epoch. */
  accepted(upstream: string, tool: string): AcceptedPin | undefined;
  /**
   * Tells what an upstream lists now. A definition never seen, or not the accepted one, is recorded as quarantined
   * with a `tool-change` audit entry, once for each pin. Resolves when durable; a failure is logged, and changes
   * nothing: what is not accepted is refused either way.
   */
  see(upstream: string, seen: readonly SeenTool[]): Promise<void>;
};

/** The members a pin covers: all that a model or a client acts on. Others cannot change what a call means. */
const PINNED = [
  'name',
  'title',
  'description',
  'inputSchema',
  'outputSchema',
  'annotations',
  '_meta',
  'x-mcp-header',
  'execution',
] as const;

/** The pinned part of a definition as listed. `x-mcp-header` inside `inputSchema` is covered with it. */
export function definitionOf(listed: JsonObject): JsonObject {
  return Object.fromEntries(
    PINNED.flatMap((key) => (Object.hasOwn(listed, key) ? [[key, listed[key] ?? null]] : [])),
  );
}

/** `sha256:` + hex(SHA-256(RFC 8785 bytes of the pinned members)). */
export function pinOf(definition: JsonObject): string {
  return `sha256:${encodeHex(sha256(canonicalBytes(definition)))}`;
}
