/** The protocols there are: one line each. What they share is what the composition root gives them: the two doors. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Share } from '../limits/share.ts';
import type { Previewer } from '../previews/previewer.ts';
import { createMcp, type McpParts } from './mcp/mount.ts';

export type Protocol = {
  /** True when the request is this protocol's; it has answered or will. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Shows what a held action of it would change, where it can. */
  readonly previewer?: Previewer;
  /** What all agents share of it, by the limit's name in the configuration. */
  shares(): { readonly [limit: string]: Share };
  /** Ends what is open and running. */
  close(): Promise<void>;
};

export type ProtocolParts = McpParts;

export function createProtocols(parts: ProtocolParts): readonly Protocol[] {
  return [createMcp(parts)];
}
