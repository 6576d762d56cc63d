/** Every verb, in the order `help` lists them. Each module is loaded only when its verb is asked for. */
import type { Verb } from '../verb.ts';

export type Listing = { readonly about: string; load(): Promise<{ readonly verb: Verb }> };

export const VERBS: { readonly [name: string]: Listing } = {
  init: { about: 'Set up a gateway in this folder', load: () => import('../init/init.ts') },
  serve: { about: 'Run the gateway', load: () => import('../serve.ts') },
  check: {
    about: 'Check the configuration, the policy and its tests',
    load: () => import('../check/check.ts'),
  },
  demo: {
    about: 'See it work: a real MCP server, a scripted agent, you review',
    load: () => import('../demo/demo.ts'),
  },
  login: {
    about: 'Sign in to a gateway, with a browser or a one-time link',
    load: () => import('../login/login.ts'),
  },
  logout: { about: 'End this command line’s session', load: () => import('../login/logout.ts') },
  sessions: {
    about: 'See where people are signed in, and end it',
    load: () => import('../people/sessions.ts'),
  },
  requests: { about: 'See and decide what agents ask for', load: () => import('../requests/requests.ts') },
  calls: { about: 'Look through what agents did', load: () => import('../history/calls.ts') },
  trails: { about: 'See what an agent did in one go', load: () => import('../history/trails.ts') },
  approvals: { about: 'See and revoke approvals', load: () => import('../approvals/approvals.ts') },
  grants: { about: 'See and revoke standing grants', load: () => import('../grants/grants.ts') },
  'break-glass': {
    about: 'See and judge what was let through in an emergency',
    load: () => import('../break-glass/break-glass.ts'),
  },
  delegations: {
    about: 'Give your seat to another while you are away',
    load: () => import('../delegations/delegations.ts'),
  },
  channels: {
    about: 'See whether requests reach people where they are',
    load: () => import('../channels/channels.ts'),
  },
  webhooks: {
    about: 'See places that are told what happens, and tell them again',
    load: () => import('../webhooks/webhooks.ts'),
  },
  agents: { about: 'See agents, make their keys, stop one', load: () => import('../agents.ts') },
  reviewers: {
    about: 'See reviewers, let them in and keep them out',
    load: () => import('../people/reviewers.ts'),
  },
  people: {
    about: 'See whose accounts are whose, link and unlink them',
    load: () => import('../people/people.ts'),
  },
  scim: { about: 'Let an identity provider push people and groups', load: () => import('../scim.ts') },
  tickets: {
    about: 'Let a ticket system comment, refuse and relay',
    load: () => import('../tickets/tickets.ts'),
  },
  slack: { about: 'Set up the Slack app', load: () => import('../channels/slack.ts') },
  teams: { about: 'Set up the Microsoft Teams app', load: () => import('../channels/teams.ts') },
  passkeys: {
    about: 'See, confirm and revoke the keys that sign reviews',
    load: () => import('../passkeys/passkeys.ts'),
  },
  reviews: { about: 'Check what reviewers’ passkeys signed', load: () => import('../reviews/reviews.ts') },
  tools: { about: 'See upstreams’ tools, compare and accept them', load: () => import('../tools/tools.ts') },
  policy: {
    about: 'See which rules decide, try a draft, propose it',
    load: () => import('../policy/policy.ts'),
  },
  operators: {
    about: 'See how many operators a change takes',
    load: () => import('../operators/operators.ts'),
  },
  log: { about: 'Look up, verify, prove and export the audit log', load: () => import('../log/log.ts') },
  mcp: {
    about: 'Serve one upstream on standard input and output',
    load: () => import('../mcp.ts'),
  },
};
