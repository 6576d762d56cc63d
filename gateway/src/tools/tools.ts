/** Tools as operators see them: what is accepted, what waits, what changed, and the acceptance itself. */
import type { JsonObject } from '@countersign/core';
import type { Tool, ToolChange, ToolClass, ToolDiff } from '@countersign/sdk';
import type { Accepted, ToolAcceptance, Tools } from '../api/ports.ts';
import { pinKey } from '../authority/authority.ts';
import { type Changes, NotCommitted, type Rebuild } from '../authority/changes.ts';
import type { Deps } from '../deps.ts';
import type { Agree } from '../operations/agree.ts';
import type { Row } from '../store/store.ts';
import { type Difference, diff } from './diff.ts';
import { acceptSteps } from './pins.ts';

export type ToolsDeps = Pick<Deps, 'store' | 'authority' | 'now'> & {
  readonly changes: Changes;
  readonly rebuild: Rebuild;
  readonly agree: Agree;
};

const NEWEST = `
  SELECT upstream, tool, pin, class, status, seen_at, accepted_by, accepted_at, definition FROM tool_pins mine
   WHERE NOT EXISTS (SELECT 1 FROM tool_pins newer WHERE newer.upstream = mine.upstream AND newer.tool = mine.tool
                       AND (newer.seen_at > mine.seen_at OR (newer.seen_at = mine.seen_at AND newer.pin > mine.pin)))`;

export function createTools(deps: ToolsDeps): Tools {
  let queue: Promise<unknown> = Promise.resolve();
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
    // One after the other: each is agreed to under an epoch that the one before it raises.
    accept(change) {
      const accepted = queue.then(() => accept(deps, change));
      queue = accepted.catch(() => undefined); // its caller hears of the failure
      return accepted;
    },
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

const CHANGED: Accepted = {
  kind: 'refused',
  why: 'wrong_state',
  message: 'The tool has changed again since it was shown; look at the new diff.',
};

const ATTEMPTS_MAX = 5;

/** What was agreed was agreed under one epoch: when that moved on, it is asked again what it takes. */
async function accept(deps: ToolsDeps, acceptance: ToolAcceptance): Promise<Accepted> {
  for (let attempt = 1; ; attempt += 1) {
    const accepted = await acceptOnce(deps, acceptance);
    const moved = accepted.kind === 'refused' && accepted.message === MOVED;
    if (!moved || attempt === ATTEMPTS_MAX) return accepted;
  }
}

const MOVED = new NotCommitted().message;

async function acceptOnce(
  deps: ToolsDeps,
  { upstream, tool, pin, class: toolClass, by }: ToolAcceptance,
): Promise<Accepted> {
  const row = await newest(deps, upstream, tool);
  if (row === undefined)
    return { kind: 'refused', why: 'unknown', message: `${upstream} has listed no tool “${tool}”.` };
  if (row['pin'] !== pin) return CHANGED;
  const shown = await diffOf(deps, upstream, tool);
  if (shown === undefined || shown.pin !== pin) return CHANGED;
  const agreement = await deps.agree({
    name: 'countersign.tools.accept',
    by,
    resource: `${upstream}/${tool}`,
    arguments: acceptanceOf(shown, toolClass),
  });
  if (agreement.kind !== 'agreed') return agreement;
  const { beside, review } = agreement;
  const now = deps.now();
  const applied = await deps.changes.apply((world) => {
    const accepted = { pin, class: toolClass, definition: shown.after };
    const pins = new Map(world.pins).set(pinKey(upstream, tool), accepted);
    return {
      world: { pins },
      next: { pins },
      steps: acceptSteps({ upstream, tool, pin, class: toolClass, by, now }),
      beside,
      record: {
        kind: 'tool-change',
        task_id: `tool:${upstream}/${tool}`,
        by,
        upstream,
        resource: tool,
        predicate: { change: 'tool accepted', tool, pin, class: toolClass, review },
      },
    };
  }, deps.rebuild);
  return applied.ok ? { kind: 'done' } : { kind: 'refused', why: 'wrong_state', message: applied.why };
}

/** What people are asked to agree to: what was accepted, and what would be, as a diff shows it (A9). */
const acceptanceOf = (
  { upstream, tool, pin, accepted_pin, after, changes }: ToolDiff,
  toolClass: ToolClass,
): JsonObject => ({
  upstream,
  tool,
  class: toolClass,
  pin,
  ...(accepted_pin === undefined ? {} : { accepted_pin }),
  definition: after,
  changes: changes.map((each) => ({ ...each }) as unknown as JsonObject),
});
