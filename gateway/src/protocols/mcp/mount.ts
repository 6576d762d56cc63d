/** MCP, put together from what the composition root holds. */
import path from 'node:path';
import type { JsonObject } from '@countersign/core';
import type { Admit } from '../protocol.ts';
import { configDigest, type Upstream } from './binding.ts';
import { isStdio, type McpUpstreamConfig, PREVIEW_KEYS } from './config.ts';
import type { McpDeps } from './deps.ts';
import { createMcpHandler, type McpHandler } from './mcp.ts';
import type { Pins } from './tools/pins.ts';

export type McpParts = {
  readonly admit: Admit;
  readonly pins: Pins;
  readonly upstreams: () => {
    readonly [id: string]: { readonly env: string; readonly mcp: McpUpstreamConfig };
  };
  readonly asksReason: McpDeps['asksReason'];
  readonly authorization: McpDeps['authorization'];
  readonly holdWait: McpDeps['holdWait'];
  readonly limits: McpDeps['limits'];
  readonly public_url: string;
  readonly contacts: McpDeps['contacts'];
  readonly log: McpDeps['log'];
  readonly now: () => number;
  /** Relative commands and folders are relative to the configuration file. */
  readonly base_dir: string;
};

export function createMcp({ upstreams, base_dir, ...parts }: McpParts): McpHandler {
  const built = new Map<string, Upstream>();
  const upstream = (id: string): Upstream | undefined => {
    const configured = Object.hasOwn(upstreams(), id) ? upstreams()[id] : undefined;
    if (configured === undefined) return undefined;
    const known = built.get(id);
    if (known !== undefined) return known;
    const made: Upstream = {
      id,
      env: configured.env,
      config: inFolder(configured.mcp, base_dir),
      digest: configDigest(JSON.parse(JSON.stringify(whatRuns(configured.mcp))) as JsonObject),
    };
    built.set(id, made);
    return made;
  };
  const anyPreview = (): boolean =>
    Object.values(upstreams()).some(({ mcp }) => Object.keys(mcp.previews ?? {}).length > 0);
  return createMcpHandler({ ...parts, upstream, anyPreview });
}

/** Without what shows and never runs: a preview added must not make another action of what people look at. */
const whatRuns = (config: McpUpstreamConfig): Partial<McpUpstreamConfig> =>
  Object.fromEntries(
    Object.entries(config).filter(([key]) => !PREVIEW_KEYS.some((one) => one === key)),
  ) as Partial<McpUpstreamConfig>;

function inFolder(config: McpUpstreamConfig, base_dir: string): McpUpstreamConfig {
  return isStdio(config) ? { ...config, cwd: path.resolve(base_dir, config.cwd ?? '.') } : config;
}
