/**
 * Previews of held tool calls: which read of the same upstream shows what would change, with which arguments. Pure but
 * for the clock of caches: it looks at configuration and accepted pins, and nothing is sent until `read` has a permit.
 * Only an accepted tool of class `read` is called, or the held tool's own dry run where the operator says so and the
 * accepted definition has that argument. It must never make up an argument, nor call with ones that do not fit.
 */
import { type CanonicalAction, isJsonObject, type JsonObject, type Principal } from '@countersign/core';
import type { Planned, Previewer } from '../../../previews/previewer.ts';
import { SESSION_OPEN, toEvaluation, type Upstream } from '../binding.ts';
import type { PreviewConfig } from '../config.ts';
import type { AcceptedPin } from '../tools/pins.ts';
import { hasSwitch, type Program, programOf } from './compile.ts';
import { type Reading, readOnce } from './read.ts';

const WITHIN_MS = 3_000;

export type PreviewerParts = Omit<Reading, 'upstream' | 'accepted' | 'args'>;

export function createPreviewer(parts: PreviewerParts): Previewer {
  const programs = new WeakMap<PreviewConfig, { readonly program: Program | undefined }>();
  const programFor = (preview: PreviewConfig): Program | undefined => {
    const known = programs.get(preview) ?? { program: programOf(preview) };
    programs.set(preview, known);
    return known.program;
  };
  return {
    get any() {
      return parts.shared.deps.anyPreview?.() ?? false;
    },
    plan(principal, action) {
      const wanted = wantedFor(parts, action);
      if (wanted === undefined || 'kind' in wanted) return wanted;
      return plan(parts, { ...wanted, principal, program: programFor(wanted.preview) });
    },
  };
}

type Wanted = { readonly upstream: Upstream; readonly preview: PreviewConfig; readonly given: JsonObject };

function wantedFor(
  parts: PreviewerParts,
  { action, resource, context }: CanonicalAction,
): Wanted | Planned | undefined {
  if (action.name !== 'tools/call' || resource.type !== 'tool') return undefined;
  const at = context['upstream'];
  const id = at !== undefined && isJsonObject(at) ? at['id'] : undefined;
  const upstream = typeof id === 'string' ? parts.shared.deps.upstream(id) : undefined;
  const previews = upstream?.config.previews ?? {};
  const preview = Object.hasOwn(previews, resource.id) ? previews[resource.id] : undefined;
  if (upstream === undefined || preview === undefined) return undefined;
  const digest = at !== undefined && isJsonObject(at) ? at['config_digest'] : undefined;
  if (digest !== upstream.digest) return impossible('the upstream was configured anew since this was asked');
  const given = context['arguments'] ?? {};
  return isJsonObject(given)
    ? { upstream, preview, given }
    : impossible('the call’s arguments are no object');
}

const impossible = (why: string): Planned => ({ kind: 'impossible', why });

type Planning = Wanted & { readonly principal: Principal; readonly program: Program | undefined };

function plan(parts: PreviewerParts, { upstream, preview, given, principal, program }: Planning): Planned {
  const { shared } = parts;
  const { call, show, dry_run, missing } = preview;
  const accepted = shared.deps.pins.accepted(upstream.id, call);
  const unfit = whyUnfit(preview, accepted);
  if (unfit !== undefined || accepted === undefined) return impossible(unfit ?? '');
  if (program === undefined) return impossible('its expressions do not load; see the gateway’s log');
  const args = argumentsOf(program, given);
  if (typeof args === 'string') return impossible(args);
  const fits = shared.schemas.validator(accepted.pin, accepted.definition)?.(args) === true;
  if (!fits) return impossible(`the arguments made for ${call} do not fit its accepted definition`);
  const against = program.against?.run(given);
  if (against !== undefined && (against.kind !== 'value' || typeof against.value !== 'string'))
    return impossible('there is nothing in this call to compare with: `against` makes no text of it');
  return {
    kind: 'plan',
    evaluation: toEvaluation({
      principal,
      upstream,
      method: 'tools/call',
      params: { name: call, arguments: args },
      tool: { accepted, fits },
    }),
    opening: toEvaluation({ principal, upstream, method: SESSION_OPEN, params: {} }),
    show,
    ...(missing === undefined ? {} : { missing }),
    dry_run: dry_run !== undefined,
    ...(against?.kind === 'value' && typeof against.value === 'string' ? { against: against.value } : {}),
    within_ms: upstream.config.preview_timeout_ms ?? WITHIN_MS,
    read: (permit, signal) => readOnce({ ...parts, upstream, accepted, args }, permit, signal),
  };
}

/** Undefined: it only reads, as an operator says; or does not act when told so, as the operator says and the definition has it. */
function whyUnfit({ call, dry_run }: PreviewConfig, accepted: AcceptedPin | undefined): string | undefined {
  if (accepted === undefined) return `${call} is not an accepted tool of this upstream`;
  if (dry_run === undefined)
    return accepted.class === 'read'
      ? undefined
      : `${call} is accepted as ${accepted.class}, and a preview only reads`;
  return hasSwitch(accepted, dry_run)
    ? undefined
    : `the accepted definition of ${call} has no argument ${dry_run}, so it would act`;
}

/** The arguments, or why there are none. */
function argumentsOf({ args }: Program, given: JsonObject): JsonObject | string {
  const made: [string, JsonObject[string]][] = [];
  for (const [name, argument] of args) {
    if ('literal' in argument) {
      made.push([name, argument.literal]);
      continue;
    }
    const valued = argument.expression.run(given);
    if (valued.kind === 'failed') return `its argument ${name} cannot be made of this call: ${valued.why}`;
    if (valued.kind === 'value') made.push([name, valued.value]);
  }
  return Object.fromEntries(made);
}
