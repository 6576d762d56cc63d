/** The town's files: what its operators would have written. The folder's entry is town.ts; nothing here acts. */
import type { Upstream } from './upstreams.ts';

export type ConfigParts = {
  readonly port: number;
  readonly keys: ReadonlyMap<string, string>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly hash: (key: string) => string;
};

export function configText({ port, keys, upstreams, hash }: ConfigParts): string {
  const key = (agent: string): string => hash(keys.get(agent) ?? '');
  const env: { readonly [upstream: string]: string } = {
    warehouse: 'prod',
    payments: 'prod',
    cluster: 'staging',
  };
  const servers = [...upstreams].map(
    ([name, { url }]) => `  ${name}: { env: ${env[name]}, mcp: { url: "${url}" } }`,
  );
  return `listen: { http: 127.0.0.1:${port} }
public_url: http://localhost:${port}
people:
  olivia: { name: Olivia Ortiz, roles: [operator, reviewer], accounts: [olivia@example.com] }
  omar: { name: Omar Haddad, roles: [operator] }
  rita: { name: Rita Lindqvist, roles: [reviewer], accounts: [rita@example.com] }
  raj: { name: Raj Patel, roles: [reviewer] }
  mei: { name: Mei Tanaka, roles: [reviewer] }
  ada: { name: Ada Novak, roles: [auditor] }
groups:
  finance: [rita, raj]
  data: [raj, mei]
  platform: [rita, mei]
agents:
  release-bot: { owner: olivia, team: platform, keys: ["${key('release-bot')}"], hold_wait: 200ms, pending_max: 20 }
  support-bot: { owner: olivia, team: support, keys: ["${key('support-bot')}"], hold_wait: 200ms, pending_max: 20 }
  data-bot: { owner: mei, team: data, keys: ["${key('data-bot')}"], hold_wait: 200ms, pending_max: 20 }
upstreams:
${servers.join('\n')}
`;
}

export const POLICY = `version: 1
rules:
  - { id: sessions, about: Agents may connect to what they are configured for, on: mcp, where: { class: session }, then: allow }
  - id: reads
    about: Reading runs freely
    on: mcp
    where: { class: read }
    then: allow
  - id: small-refunds
    about: Support may give back up to 50
    on: mcp
    where: { upstream: payments, resource: refund, agent: support-bot }
    when: mcp.args.amount <= 50
    then: allow
  - id: refunds
    about: Larger refunds need somebody of finance
    on: mcp
    where: { upstream: payments, resource: refund }
    when: mcp.args.amount > 50
    then: require
    approve: [{ by: "group:finance" }]
    grant: { for: 8h, uses: 50 }
    risk: medium
    ask_reason: true
  - id: sql
    about: Statements on the warehouse are read by somebody of data before they run
    on: mcp
    where: { upstream: warehouse, resource: run_query }
    then: require
    approve: [{ by: "group:data" }]
    risk: high
  - id: exports
    about: Nothing leaves the warehouse without data and finance
    on: mcp
    where: { upstream: warehouse, resource: export_table }
    then: require
    approve: [{ by: "group:data" }, { by: "group:finance" }]
    risk: critical
    with: { mask: [pii] }
  - id: rollouts
    about: Deployments are looked at by a reviewer
    on: mcp
    where: { upstream: cluster, resource: rollout }
    then: require
    approve: [{ by: anyone }]
    risk: medium
  - id: manifests
    about: Whatever a manifest says is looked at by a reviewer
    on: mcp
    where: { upstream: cluster, resource: apply_manifest }
    then: require
    approve: [{ by: anyone }]
    risk: high
  - id: delete-namespace
    about: Deleting a namespace takes two of platform
    on: mcp
    where: { upstream: cluster, resource: delete_namespace }
    then: require
    approve: [{ by: "group:platform", count: 2 }]
    risk: critical
    within: 30m
    break_glass: { by: "group:platform", notify: ["group:data"], review: "group:finance" }
  - id: no-charges-for-data
    about: The data bot has no business with single charges
    on: mcp
    where: { upstream: payments, agent: data-bot, class: [read, write, destructive, unknown] }
    then: deny
`;

export const TESTS = `tests:
  - name: a large refund needs finance
    evaluation: { on: mcp, env: prod, upstream: payments, resource: refund, class: write, agent: support-bot, facts: { args: { amount: 120 } } }
    want: { effect: require, approve: [{ by: "group:finance" }] }
`;
