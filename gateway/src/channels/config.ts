/**
 * The `channels` part of the configuration: one key a kind, each described where its channel lives; where what goes; and
 * how far an answer from outside the console may reach. It holds references to secrets, never a secret (I7).
 */
import { z } from 'zod';
import { id } from '../config/values.ts';
import { attentionSchema } from './attention/config.ts';
import { mailSchema } from './mail/config.ts';
import { slackSchema } from './slack/config.ts';
import { teamsSchema } from './teams/config.ts';
import { callbacksSchema, webhooksSchema } from './webhook/config.ts';

const ROUTES_MAX = 200;
const PLACES_MAX = 20;

const scope = z.string().min(1).max(256);
const oneOrMore = <T extends z.ZodType>(of: T) => z.union([of, z.array(of).min(1).max(100)]);

const routeSchema = z.strictObject({
  when: z
    .strictObject({
      group: oneOrMore(id).optional().describe('A group whose members the policy asks.'),
      env: oneOrMore(scope).optional().describe('Environment of the upstream.'),
      upstream: oneOrMore(scope).optional().describe('Upstream, by id.'),
      rule: oneOrMore(scope).optional().describe('A rule that asks, by id.'),
      risk: oneOrMore(z.enum(['low', 'medium', 'high', 'critical']))
        .optional()
        .describe('Risk of the request.'),
      agent: oneOrMore(scope).optional().describe('Agent, by id.'),
    })
    .prefault({})
    .describe('All that is said here must hold; of a list, one. Nothing said: every request.'),
  to: z
    .array(
      z.string().regex(/^[a-z][a-z0-9-]{1,31}:\S{1,256}$/, 'must be KIND:PLACE, such as slack:C0123456789'),
    )
    .min(1)
    .max(PLACES_MAX)
    .describe(
      'Places, each as `KIND:PLACE`: `slack:C0123456789`; `slack:group:dba`, each member of a group of people by themselves; `slack:reviewers`, everyone who may answer by themselves.',
    ),
});

export const channelsSchema = z
  .strictObject({
    answers_up_to: z
      .enum(['none', 'low', 'medium', 'high', 'critical'])
      .default('high')
      .describe(
        'Highest risk that may be approved by a click in a channel. Above it a card offers only the link to the request’s page. A rule that asks for a proof no click is offers only the link whatever stands here.',
      ),
    routes: z
      .array(routeSchema)
      .max(ROUTES_MAX)
      .default([])
      .describe(
        'Where requests are shown. Every route that matches adds its places; a request that none matches goes to each channel’s own places.',
      ),
    attention: attentionSchema(routeSchema.shape),
    slack: slackSchema.exactOptional(),
    teams: teamsSchema.exactOptional(),
    mail: mailSchema
      .exactOptional()
      .describe('Mail: a notice with a link, never an answer. Set-up: docs/mail.md.'),
    webhooks: webhooksSchema,
    callbacks: callbacksSchema,
  })
  .prefault({})
  .describe('Where people are told what waits and may answer it, beside the console: one key a kind.');

export type ChannelsConfig = z.infer<typeof channelsSchema>;
export type Route = ChannelsConfig['routes'][number];

/** Kinds that have places; what else stands under `channels` is none of them. */
const NO_PLACES: ReadonlySet<string> = new Set([
  'answers_up_to',
  'routes',
  'attention',
  'webhooks',
  'callbacks',
]);

export const kindsOf = (config: ChannelsConfig): readonly string[] =>
  Object.entries(config).flatMap(([key, value]) => (NO_PLACES.has(key) || value === undefined ? [] : [key]));

/** Routes name channels that are configured. */
export function checkChannels(
  config: ChannelsConfig,
  problem: (path: readonly PropertyKey[], message: string) => void,
): void {
  const kinds = kindsOf(config);
  const check = (to: readonly string[], path: readonly PropertyKey[]): void => {
    for (const [place, text] of to.entries()) {
      const kind = text.slice(0, text.indexOf(':'));
      if (!kinds.includes(kind))
        problem(
          [...path, 'to', place],
          `there is no channel “${kind}” in this configuration; add it as channels.${kind}, or take “${text}” out`,
        );
    }
  };
  for (const [at, { to }] of config.routes.entries()) check(to, ['channels', 'routes', at]);
  for (const [at, { to }] of config.attention.escalate.entries())
    check(to, ['channels', 'attention', 'escalate', at]);
}
