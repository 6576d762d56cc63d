/**
 * The `channels.webhooks` and `channels.callbacks` parts of the configuration: where signed notices of what happens are
 * posted. They tell; nothing that is answered decides anything.
 */
import { z } from 'zod';
import { SECRET_REF } from '../../config/secrets.ts';
import { count, id } from '../../config/values.ts';
import { readNetwork } from '../../limits/proxies.ts';

/** What a webhook may be told of: one type, one kind of moment. */
export const EVENT_TYPES = [
  'countersign.request.opened',
  'countersign.request.reviewed',
  'countersign.request.resolved',
  'countersign.approval.ended',
  'countersign.execution.started',
  'countersign.execution.ended',
  'countersign.execution.unknown',
  'countersign.glass.broken',
  'countersign.glass.refused',
  'countersign.glass.acknowledged',
  'countersign.glass.closed',
  'countersign.action.refused',
  'countersign.authority.changed',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Without `events`: what happens to requests and what ran. Every refusal and every change besides is asked for. */
export const USUAL_EVENTS: readonly EventType[] = EVENT_TYPES.filter(
  (type) => type !== 'countersign.action.refused' && type !== 'countersign.authority.changed',
);

const secretRef = z.string().regex(SECRET_REF, 'must be `env:NAME` or `file:PATH`, never the secret itself');

const secrets = z.union([secretRef, z.array(secretRef).min(1).max(4)]);

const networks = z
  .array(
    z
      .string()
      .refine(
        (text) => readNetwork(text) !== undefined,
        'must be an address or a network, such as 10.1.2.3 or 10.1.0.0/16; never everything (/0)',
      ),
  )
  .max(64)
  .default([])
  .describe(
    'Private addresses and networks it may be at. Without any, only public addresses over https are reached; in these, plain http too. A cloud’s metadata addresses are never reached.',
  );

const webhookSchema = z.strictObject({
  url: z
    .url({
      protocol: /^https?$/,
      error: 'must be an https URL, such as https://hooks.example.com/countersign',
    })
    .max(2048)
    .refine((text) => URL.parse(text)?.username === '', 'must have no user name or password in it')
    .describe(
      'Where notices are posted. Plain http only to addresses in `allow_networks`. Redirects are not followed.',
    ),
  secret: secrets.describe(
    'What notices are signed with (Standard Webhooks): `env:NAME` or `file:PATH` of a `whsec_…` secret, or a list of up to four: while one replaces another, every notice is signed with each. Make one with `countersign webhooks rotate ID`.',
  ),
  events: z
    .array(z.enum(EVENT_TYPES))
    .min(1)
    .default([...USUAL_EVENTS])
    .describe('Which events it is told of.'),
  upstreams: z
    .array(id)
    .min(1)
    .max(256)
    .exactOptional()
    .describe('Only events about these upstreams. Without it: about all.'),
  runs: z
    .enum(['reviewed', 'all'])
    .default('reviewed')
    .describe(
      '`reviewed`: of runs, only those that people were asked about. `all`: what policy allows outright too, two notices for every call.',
    ),
  sentence: z
    .boolean()
    .default(false)
    .describe(
      'True sends the sentence reviewers read, which quotes short arguments; secrets and personal data are blanked in it. Otherwise only names are sent: action, resource, upstream.',
    ),
  allow_networks: networks,
});

export const webhooksSchema = z
  .record(id, webhookSchema)
  .refine((hooks) => Object.keys(hooks).length <= 64, 'must be at most 64')
  .default({})
  .describe(
    'Places that are told what happens, as signed CloudEvents, by id. Keep the id: what waits for a place belongs to it. Set-up: docs/webhooks.md.',
  );

const callbackSchema = z.strictObject({
  to: z
    .array(
      z
        .url({
          protocol: /^https?$/,
          error: 'must be an https URL, such as https://app.example.com/callbacks',
        })
        .refine((text) => !/[?#]/.test(text), 'must have no query and no fragment'),
    )
    .min(1)
    .max(16)
    .describe(
      'URLs below which a callback of this agent may be: same scheme, host and port, and a path that begins so.',
    ),
  secret: secrets.describe('What callbacks of this agent are signed with, as of a webhook.'),
  open_max: count(10_000)
    .default(200)
    .describe(
      'Most access requests of this agent that are open, or over and not yet told, with a callback; a further one is refused.',
    ),
  allow_networks: networks,
});

export const callbacksSchema = z
  .record(id, callbackSchema)
  .default({})
  .describe(
    'Agents that may name a `callback` with an access request (ARAP), by agent id, and where it may be. An agent that is not listed may not. A callback tells that something changed and carries no authority.',
  );

export type WebhookConfig = z.infer<typeof webhookSchema>;
export type WebhooksConfig = z.infer<typeof webhooksSchema>;
export type CallbackConfig = z.infer<typeof callbackSchema>;
export type CallbacksConfig = z.infer<typeof callbacksSchema>;
