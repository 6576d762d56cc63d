/**
 * The policy `init` writes: opening a session and the listed safe reads run freely, tools nobody accepted are refused,
 * everything else asks one reviewer. Text with its tests, so that the first edit is already checked.
 */
import type { By } from '@countersign/core';

export type SafeTool = { readonly upstream: string; readonly tool: string };
export type Starter = {
  readonly safeTools: readonly SafeTool[];
  /** Who is asked. Default: anyone with the reviewer role who may review the action. */
  readonly reviewers?: By;
};

export type StarterFiles = { readonly 'policy.yaml': string; readonly 'policy.test.yaml': string };

export function starterPolicy({ safeTools, reviewers = 'anyone' }: Starter): StarterFiles {
  const safe = byUpstream(safeTools);
  return { 'policy.yaml': policyText(safe, reviewers), 'policy.test.yaml': testText(safe, reviewers) };
}

type Safe = readonly (readonly [upstream: string, tools: readonly string[]])[];

/** A name with `*` in it would read as a pattern, and list more than was chosen: such a tool asks. */
function byUpstream(tools: readonly SafeTool[]): Safe {
  const plain = tools.filter(({ upstream, tool }) => !upstream.includes('*') && !tool.includes('*'));
  const groups = Map.groupBy(plain, (each) => each.upstream);
  const listed = [...groups].map(
    ([upstream, some]) => [upstream, [...new Set(some.map((each) => each.tool))].sort()] as const,
  );
  return listed.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Text as YAML and CEL both read it: JSON's double quotes. */
const quote = (text: string): string => JSON.stringify(text);
const list = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`;
/** Ids from upstream names, each once. */
function idsOf(safe: Safe): readonly string[] {
  const taken = new Set<string>();
  for (const [upstream] of safe) {
    const plain = upstream.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[-._]+|[-._]+$/g, '');
    let id = `read-${plain.slice(0, 60).replace(/[-._]+$/, '') || 'upstream'}`;
    for (let number = 2; taken.has(id); number++) id = `${id.replace(/-\d+$/, '')}-${number}`;
    taken.add(id);
  }
  return [...taken];
}

function policyText(safe: Safe, reviewers: By): string {
  const ids = idsOf(safe);
  return [
    head,
    ...safe.map((one, at) => readRule(ids[at] ?? '', one)),
    `  - id: everything-else-asks
    about: Anything that is not listed above needs one reviewer
    on: mcp
    when: ${exceptions(safe)}
    then: require
    approve: [{ by: ${quote(reviewers)} }]
    within: 60m                 # how long a request may wait
    valid: 10m                  # how long the approval then lives, for one use
    risk: medium
    ask_reason: true            # agents are asked why; reviewers see the answer as a claim
`,
  ].join('\n');
}

const head = `# What agents may do here. The strictest rule that matches wins: deny, then require, then allow.
# Nothing matched is a refusal. Check every change: countersign check
version: 1
rules:
  - id: open-sessions
    about: Agents may connect to the upstreams they are configured for
    on: mcp
    where: { class: session }
    then: allow

  - id: tools-nobody-accepted
    about: A tool that is new or has changed waits until an operator accepts it
    on: mcp
    where: { class: unknown }
    then: deny
`;

function readRule(id: string, [upstream, tools]: Safe[number]): string {
  return `  - id: ${id}
    about: ${quote(`Reading ${upstream} with these tools runs freely`)}
    on: mcp
    where:
      upstream: ${quote(upstream)}
      class: read
      resource: ${list(tools)}
    then: allow
`;
}

/** Everything but sessions, unaccepted tools and the reads allowed above, as a block of CEL. */
function exceptions(safe: Safe): string {
  const reads = safe.map(
    ([upstream, tools]) =>
      `!(class == "read" && upstream == ${quote(upstream)} && resource in ${list(tools)})`,
  );
  const lines = ['!(class in ["session", "unknown"])', ...reads];
  return `|   # keep in step with the lists above\n${lines.map((line) => `      ${line}`).join(' &&\n')}`;
}

function testText(safe: Safe, reviewers: By): string {
  const ids = idsOf(safe);
  const reads = safe.flatMap(([upstream, tools], at) =>
    tools.map(
      (tool) => `
  - name: ${quote(`${tool} of ${upstream} runs freely`)}
    evaluation: { upstream: ${quote(upstream)}, resource: ${quote(tool)}, class: read }
    want: { effect: allow, rules: [${ids[at] ?? ''}] }`,
    ),
  );
  const changed = safe.slice(0, 1).map(
    ([upstream, tools]) => `
  - name: a listed tool that is accepted as writing asks
    evaluation: { upstream: ${quote(upstream)}, resource: ${quote(tools[0] ?? '')}, class: write }
    want: { effect: require, rules: [everything-else-asks] }`,
  );
  return `# Questions with the answers wanted. "countersign check" runs them; a policy whose tests fail is not loaded.
defaults: { on: mcp, agent: an-agent }
tests:
  - name: agents may connect
    evaluation: { class: session }
    want: { effect: allow, rules: [open-sessions] }
${reads.join('\n')}

  - name: a tool nobody accepted is refused
    evaluation: { class: unknown, resource: surprise, confidence: partial }
    want: { effect: deny, rules: [tools-nobody-accepted] }

  - name: anything else asks one reviewer
    evaluation: { class: destructive, resource: delete_everything }
    want: { effect: require, rules: [everything-else-asks], approve: [{ by: ${quote(reviewers)} }], risk: medium }
${changed.join('')}
`;
}
