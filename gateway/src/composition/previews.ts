/** Previews, put together: who makes them, whose leave it takes, and what is wrong with how they were written. */
import type { Config } from '../config/config.ts';
import { ConfigError, type ConfigProblem, formatProblem, readConfigSource } from '../config/source.ts';
import type { Deps } from '../deps.ts';
import { createPreviewDoor } from '../enforce/preview.ts';
import type { Meter } from '../events.ts';
import type { Previewer } from '../previews/previewer.ts';
import { createPreviews, type PreviewService } from '../previews/previews.ts';
import { type AcceptedTools, faultsOf } from '../protocols/mcp/preview/compile.ts';
import type { AcceptedPin } from '../protocols/mcp/tools/pins.ts';

/** Of a protocol: what makes previews, where it can. */
type Made = { readonly previewer?: Previewer };

export type OpenPreviews = Omit<PreviewService, 'start'> & {
  /** Once there are protocols. @throws ConfigError for what no tool could make right */
  start(protocols: readonly Made[], config: Config, file: string): Promise<void>;
};

export function openPreviews(deps: Deps, meter: Meter): OpenPreviews {
  let protocols: readonly Made[] = [];
  const { start, ...previews } = createPreviews({
    deps,
    meter,
    door: createPreviewDoor(deps),
    previewers: () => protocols.flatMap(({ previewer }) => previewer ?? []),
  });
  return {
    ...previews,
    async start(opened, config, file) {
      const { always, now } = previewProblems(config, file, deps.authority.current().pins);
      if (always.length > 0) throw new ConfigError(always);
      // A tool accepted anew must not keep a gateway from starting: there is no preview then, and it is said here why.
      for (const problem of now) deps.log.error({}, `no preview will be made: ${formatProblem(problem)}`);
      protocols = opened;
      await start();
    },
  };
}

type Pins = ReadonlyMap<string, AcceptedPin>;

export type PreviewProblems = {
  readonly always: readonly ConfigProblem[];
  /** With the tools that are accepted now. */
  readonly now: readonly ConfigProblem[];
};

/** What is wrong with the previews of a configuration, each with its line. Without pins, what is wrong under any. */
export function previewProblems({ upstreams }: Config, file: string, pins: Pins): PreviewProblems {
  const found = Object.entries(upstreams).flatMap(([id, { mcp }]) => {
    const tools = acceptedOf(id, pins);
    return Object.entries(mcp.previews ?? {}).flatMap(([tool, preview]) =>
      faultsOf(tool, preview, tools).map(({ path, message, always }) => ({
        always,
        message,
        path: ['upstreams', id, 'mcp', 'previews', tool, ...path],
      })),
    );
  });
  if (found.length === 0) return { always: [], now: [] };
  const { lineOf } = readConfigSource(file);
  const problemOf = ({ path, message }: (typeof found)[number]): ConfigProblem => ({
    file,
    line: lineOf(path),
    key: path.join('.'),
    message,
  });
  return {
    always: found.filter(({ always }) => always).map(problemOf),
    now: found.filter(({ always }) => !always).map(problemOf),
  };
}

function acceptedOf(upstream: string, pins: Pins): AcceptedTools {
  const prefix = `${upstream}\n`;
  const names = [...pins.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  return { names, accepted: (tool) => pins.get(prefix + tool) };
}
