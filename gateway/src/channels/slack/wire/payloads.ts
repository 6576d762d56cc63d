/**
 * What Slack sends, read into what is used of it. Whatever way it came, its shape is checked here; what fits none of these
 * is acknowledged and left alone. Names and texts in it are never read: only ids (A15, A18).
 */
import { isJsonObject, type Json, type JsonObject, member } from '@countersign/core';
import { z } from 'zod';

const id = z.string().regex(/^[A-Z][A-Z0-9]{2,24}$/);
const text = (most: number) => z.string().max(most);
const within = z.object({ id }).nullish();

/** Who spoke, through which app, where they are at home: as Slack vouches for it in this very message. */
export type Speaker = {
  readonly app_id: string;
  readonly user_id: string;
  /** The person’s own workspace, where the message says it: of a foreigner in a shared channel, a foreign one. */
  readonly user_team_id: string | undefined;
  /** The workspace it happened in; none in an organisation-wide installation. */
  readonly team_id: string | undefined;
  readonly enterprise_id: string | undefined;
};

export type Clicked = {
  readonly kind: 'clicked';
  readonly who: Speaker;
  readonly action_id: string;
  readonly value: string;
  readonly trigger_id: string;
  readonly response_url: string | undefined;
  /** The message the button is on; none in App Home. */
  readonly message: { readonly channel: string; readonly ts: string } | undefined;
};
export type Submitted = {
  readonly kind: 'submitted';
  readonly who: Speaker;
  readonly callback_id: string;
  readonly private_metadata: string;
  readonly reason: string;
};
export type Commanded = {
  readonly kind: 'commanded';
  readonly who: Speaker;
  readonly words: string;
  readonly response_url: string;
};
export type Opened = { readonly kind: 'opened'; readonly who: Speaker; readonly event_id: string };
export type Taken = Clicked | Submitted | Commanded | Opened;

const speaking = {
  api_app_id: id,
  team: within,
  enterprise: within,
  user: z.object({ id, team_id: id.nullish() }),
};

const clickSchema = z.object({
  ...speaking,
  type: z.literal('block_actions'),
  trigger_id: text(512),
  response_url: text(2_048).nullish(),
  container: z.object({ channel_id: id.nullish(), message_ts: text(32).nullish() }).nullish(),
  actions: z.array(z.object({ action_id: text(255), value: text(2_000).nullish() })).length(1),
});

const submitSchema = z.object({
  ...speaking,
  type: z.literal('view_submission'),
  view: z.object({
    callback_id: text(255),
    private_metadata: text(3_000),
    state: z.object({
      values: z.record(z.string(), z.record(z.string(), z.object({ value: text(3_000).nullish() }))),
    }),
  }),
});

const eventSchema = z.object({
  type: z.literal('event_callback'),
  api_app_id: id,
  team_id: id.nullish(),
  enterprise_id: id.nullish(),
  event_id: text(64),
  event: z.object({ type: z.literal('app_home_opened'), tab: z.literal('home'), user: id }),
});

const commandSchema = z.object({
  command: text(64),
  api_app_id: id,
  team_id: id.nullish(),
  enterprise_id: id.nullish(),
  user_id: id,
  text: text(4_000).default(''),
  response_url: text(2_048),
});

type Spoken = z.infer<z.ZodObject<typeof speaking>>;

const speakerOf = ({ api_app_id, team, enterprise, user }: Spoken): Speaker => ({
  app_id: api_app_id,
  user_id: user.id,
  user_team_id: user.team_id ?? undefined,
  team_id: team?.id,
  enterprise_id: enterprise?.id,
});

/** An interaction: what stands in `payload`. Undefined: nothing of ours. */
export function readInteraction(payload: Json): Clicked | Submitted | undefined {
  if (!isJsonObject(payload)) return undefined;
  const click = clickSchema.safeParse(payload);
  if (click.success) return clickOf(click.data);
  const submit = submitSchema.safeParse(payload);
  return submit.success ? submitOf(submit.data) : undefined;
}

function clickOf(data: z.infer<typeof clickSchema>): Clicked | undefined {
  const { actions, container, trigger_id, response_url } = data;
  const [action] = actions;
  if (action === undefined) return undefined;
  const [channel, ts] = [container?.channel_id, container?.message_ts];
  return {
    kind: 'clicked',
    who: speakerOf(data),
    action_id: action.action_id,
    value: action.value ?? '',
    trigger_id,
    response_url: response_url ?? undefined,
    message: channel == null || ts == null ? undefined : { channel, ts },
  };
}

function submitOf(data: z.infer<typeof submitSchema>): Submitted {
  const { callback_id, private_metadata, state } = data.view;
  return {
    kind: 'submitted',
    who: speakerOf(data),
    callback_id,
    private_metadata,
    reason: state.values['reason']?.['reason']?.value?.trim() ?? '',
  };
}

/** The body of an Events API request. */
export function readEvent(payload: Json): Opened | undefined {
  const read = eventSchema.safeParse(payload);
  if (!read.success) return undefined;
  const { api_app_id, team_id, enterprise_id, event, event_id } = read.data;
  const who = {
    app_id: api_app_id,
    user_id: event.user,
    user_team_id: undefined,
    team_id: team_id ?? undefined,
    enterprise_id: enterprise_id ?? undefined,
  };
  return { kind: 'opened', who, event_id };
}

/** The fields of a slash command, from a form or from an envelope. */
export function readCommand(fields: Json): Commanded | undefined {
  const read = commandSchema.safeParse(fields);
  if (!read.success) return undefined;
  const { api_app_id, team_id, enterprise_id, user_id, text: words, response_url } = read.data;
  return {
    kind: 'commanded',
    who: {
      app_id: api_app_id,
      user_id,
      user_team_id: undefined,
      team_id: team_id ?? undefined,
      enterprise_id: enterprise_id ?? undefined,
    },
    words: words.trim().toLowerCase(),
    response_url,
  };
}

export type Envelope = { readonly type: string; readonly id: string; readonly payload: JsonObject };

const READERS: { readonly [type: string]: (payload: Json) => Taken | undefined } = {
  interactive: readInteraction,
  slash_commands: readCommand,
  events_api: readEvent,
};

/** What an envelope of Socket Mode carries. */
export const readEnvelope = ({ type, payload }: Envelope): Taken | undefined =>
  Object.hasOwn(READERS, type) ? READERS[type]?.(payload) : undefined;

/** An envelope; undefined when the message is something else. */
export function envelopeOf(message: JsonObject): Envelope | undefined {
  const [type, envelope_id, payload] = [
    member(message, 'type'),
    member(message, 'envelope_id'),
    member(message, 'payload'),
  ];
  if (typeof type !== 'string' || typeof envelope_id !== 'string' || !/^[\w-]{1,64}$/.test(envelope_id))
    return undefined;
  return { type, id: envelope_id, payload: isJsonObject(payload) ? payload : {} };
}
