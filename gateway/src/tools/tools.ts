/** Tools as operators see them: what is accepted, what waits, what changed, and the acceptance itself. */
import type { JsonObject } from '@countersign/core';
import type { Tool, ToolChange, ToolDiff } from '@countersign/sdk';
import type { ToolAcceptance, Tools } from '../api/ports.ts';
import { pinKey } from '../authority/authority.ts';
import type { Changes, Rebuild } from '../authority/changes.ts';
import type { Deps } from '../deps.ts';
import type { ChangeOutcome } from '../requests/requests.ts';
import type { Row } from '../store/store.ts';
import { type Difference, diff } from './diff.ts';
import { acceptSteps } from './pins.ts';

export type ToolsDeps = Pick<Deps, 'store' | 'authority' | 'now'> & {
  readonly changes: Changes;
  readonly rebuild: Rebuild;
};

const NEWEST = `
  SELECT upstream, tool, pin, class, status, seen_at, accepted_by, accepted_at, definition FROM tool_pins mine
   WHERE NOT EXISTS (SELECT 1 FROM tool_pins newer WHERE newer.upstream = mine.upstream AND newer.tool = mine.tool
                       AND (newer.seen_at > mine.seen_at OR (newer.seen_at = mine.seen_at AND newer.pin > mine.pin)))`;

export function createTools(deps: ToolsDeps): Tools {
  return {
    async list() {
      const rows = await deps.store.read({
        sql: `${NEWEST} ORDER BY upstream, tool`,
        params: [],
        rows_max: 100_000,
      });
      return rows.map((row) => asTool(deps, row));
    },
    diff: (upstream, tool) => diffOf(deps, upstream, tool),
    accept: (change) => accept(deps, change),
  };
}

const newest = async (deps: ToolsDeps, upstream: string, tool: string): Promise<Row | undefined> =>
  (await deps.store.read({ sql: `${NEWEST} AND upstream = $1 AND tool = $2`, params: [upstream, tool] }))[0];

function asTool(deps: ToolsDeps, row: Row): Tool {
  const [upstream, tool, pin] = [String(row['upstream']), String(row['tool']), String(row['pin'])];
  const accepted = deps.authority.current().pins.get(pinKey(upstream, tool));
  return {
    upstream,
    tool,
    pin,
    status: accepted === undefined ? 'quarantined' : accepted.pin === pin ? 'accepted' : 'drifted',
    class: accepted?.class ?? 'unknown',
    seen_at: Number(row['seen_at']),
    ...(row['accepted_by'] === null ? {} : { accepted_by: String(row['accepted_by']) }),
    ...(row['accepted_at'] === null ? {} : { accepted_at: Number(row['accepted_at']) }),
  };
}

async function diffOf(deps: ToolsDeps, upstream: string, tool: string): Promise<ToolDiff | undefined> {
  const row = await newest(deps, upstream, tool);
  if (row === undefined) return undefined;
  const accepted = deps.authority.current().pins.get(pinKey(upstream, tool));
  const after = JSON.parse(String(row['definition'])) as JsonObject;
  const { status, pin } = asTool(deps, row);
  return {
    upstream,
    tool,
    status,
    pin,
    after,
    changes: diff(accepted?.definition, after).map(asChange),
    ...(accepted === undefined ? {} : { accepted_pin: accepted.pin, before: accepted.definition }),
  };
}

const asChange = (each: Difference): ToolChange => ({
  path: each.path,
  kind: each.kind,
  ...(each.kind === 'added' ? {} : { before: each.before }),
  ...(each.kind === 'removed' ? {} : { after: each.now }),
});

async function accept(
  deps: ToolsDeps,
  { upstream, tool, pin, class: toolClass, by }: ToolAcceptance,
): Promise<ChangeOutcome> {
  const row = await newest(deps, upstream, tool);
  if (row === undefined)
    return { kind: 'refused', why: 'unknown', message: `${upstream} has listed no tool “${tool}”.` };
  if (row['pin'] !== pin) {
    return {
      kind: 'refused',
      why: 'wrong_state',
      message: 'The tool has changed again since it was shown; look at the new diff.',
    };
  }
  const definition = JSON.parse(String(row['definition'])) as JsonObject;
  const now = deps.now();
  const applied = await deps.changes.apply((world) => {
    const accepted = { pin, class: toolClass, definition };
    const pins = new Map(world.pins).set(pinKey(upstream, tool), accepted);
    return {
      world: { pins },
      next: { pins },
      steps: acceptSteps({ upstream, tool, pin, class: toolClass, by, now }),
      record: {
        kind: 'tool-change',
        task_id: `tool:${upstream}/${tool}`,
        by,
        upstream,
        resource: tool,
        predicate: { change: 'tool accepted', tool, pin, class: toolClass },
      },
    };
  }, deps.rebuild);
  return applied.ok ? { kind: 'done' } : { kind: 'refused', why: 'wrong_state', message: applied.why };
}
