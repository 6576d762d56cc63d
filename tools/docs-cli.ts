// docs/cli.md from the verbs themselves: each usage text as `--help` prints it, so that the page cannot promise an
// option that does not exist. `npm run docs` writes it; docs-cli.test.ts fails when it is stale.
import { isGroup } from '../gateway/src/cli/dispatch/group.ts';
import { foldUsage } from '../gateway/src/cli/dispatch/help.ts';
import { VERBS } from '../gateway/src/cli/dispatch/verbs.ts';
import { EXIT, type Verb } from '../gateway/src/cli/verb.ts';

export const page = new URL('../docs/cli.md', import.meta.url);

export async function cliPage(): Promise<string> {
  const sections: string[] = [];
  for (const [name, { load }] of Object.entries(VERBS)) {
    const { verb } = await load();
    sections.push(section(name, verb));
  }
  return `${heading}\n${sections.join('\n')}\n${tail}`;
}

/** A verb, and those of its group below it. */
function section(name: string, verb: Verb, depth = 2): string {
  const title = `${'#'.repeat(depth)} \`countersign ${name}\`\n\n${verb.about}.\n`;
  if (!isGroup(verb)) return `${title}\n\`\`\`text\n${foldUsage(verb.usage)}\n\`\`\`\n`;
  const inner = Object.entries(verb.verbs).map(([each, one]) => section(`${name} ${each}`, one, depth + 1));
  return `${title}\n${inner.join('\n')}`;
}

const MEANINGS: { readonly [E in keyof typeof EXIT]: string } = {
  ok: 'Done.',
  no: 'The answer is no: not approved, not verified, problems found.',
  usage: 'Wrong use: an unknown verb or option, an argument missing. What was typed wrong is named.',
  refused: 'The gateway refused: not signed in, not allowed, too late. Its own sentence says why.',
  unreachable: 'The gateway or a file cannot be reached, or what answered is not a gateway.',
  broken: 'A fault in countersign itself. `COUNTERSIGN_DEBUG=1` shows where.',
};

const heading = `# The command line

<!-- Generated from the verbs in gateway/src/cli by \`npm run docs\`: change them there. -->

\`countersign <verb> [options]\`. \`init\`, \`serve\`, \`demo\`, \`check\` and what makes a key or a manifest work on this machine, \`log rebuild\` on the gateway's, while it is stopped; \`log verify\`,
\`log prove\`, \`log check\` and \`reviews verify FILE\` read the files or the URL they are given; \`mcp\` speaks as an agent. Every other verb speaks to
a gateway over HTTP, as the person signed in with \`countersign login\`, and can do nothing the API does not let that person do.

- \`--help\` after any verb says how it is used.
- \`--json\` prints JSON instead of text, for scripts. Characters a terminal would obey or hide are written as \`\\u\` escapes.
- Text is coloured only on a terminal, and not when \`NO_COLOR\` is set.
- Every word that comes from an agent or a tool is made visible first: control, reordering and look-alike characters are
  written out as \`\\u{202E}\`, and a request marks each row that has one with \`!\`.

## Which gateway, as whom

The gateway is \`--url\`, else \`COUNTERSIGN_URL\`, else the one last signed in to, else \`http://localhost:7070\`. The token
is \`COUNTERSIGN_TOKEN\`, else the one \`countersign login\` keeps for that very gateway in
\`$XDG_CONFIG_HOME/countersign/credentials.json\` (mode 0600; a file others can read is refused). A token is never sent
over plain http to another machine, unless \`COUNTERSIGN_ALLOW_HTTP=1\` says that you know the network.

## Exit codes

| code | |
|---|---|
${(Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => `| ${EXIT[name]} | ${MEANINGS[name]} |`).join('\n')}
`;

const tail = `## Reviewing safely

\`requests watch\`, \`requests show\` and \`requests approve\` draw the same view, whole: the facts, the rules that ask and the
values they saw, the agent’s own words apart and last of all what would run, from the very bytes that will run. When
something cannot be shown, is hidden inside a text, or does not match its digest, approving is off and the view says why.

An approval names the digests of the view it was given on. If the action, or what is hidden of it, has changed by then,
it is refused and the new view is shown. At \`high\` and \`critical\` risk approving takes the whole word. Whatever was typed
before a question stood there is thrown away. Leaving, by whatever way, answers nothing.

A script that approves must say which view it read:

\`\`\`sh
countersign requests show "$ID" --json > view.json       # decide from shown_action and redactions
countersign requests approve "$ID" --shown "$(jq -r .rendered_digest view.json)" --reason 'change 4711'
\`\`\`
`;
