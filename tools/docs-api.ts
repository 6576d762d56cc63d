// docs/api.md from the routes themselves, so that the page names every operation and problem there is. `npm run docs`
// writes it; docs-api.test.ts fails when it is stale.
import { ARAP_PROBLEMS } from '../gateway/src/api/access/problems.ts';
import { PROBLEM_PREFIX, PROBLEMS } from '../gateway/src/api/http/problem.ts';
import type { Route } from '../gateway/src/api/http/route.ts';
import { createRig } from '../gateway/src/api/testing/rig.ts';

export const page = new URL('../docs/api.md', import.meta.url);

export async function apiPage(): Promise<string> {
  const rig = await createRig();
  const { routes } = rig.api;
  await rig.close();
  const people = routes.filter(({ spec }) => spec.path.startsWith('/api/'));
  const tickets = routes.filter(({ spec }) => spec.tag === 'ticketing');
  const agents = routes.filter((each) => !people.includes(each) && !tickets.includes(each));
  const sides = [table(people), forPeople, table(agents), forAgents, forTickets, table(tickets)];
  return [heading, ...sides, problems(), client].join('\n');
}

function table(routes: readonly Route[]): string {
  const rows = routes.map(({ spec }) => {
    const who = spec.door.name === 'public' ? ' Public.' : '';
    return `| \`${spec.method.toUpperCase()} ${spec.path}\` | \`${spec.id}\` | ${spec.summary}.${who} |`;
  });
  return `| route | operation | |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function problems(): string {
  const rows = (all: { readonly [kind: string]: readonly [number, string] }): string =>
    Object.entries(all)
      .map(([kind, [status, title]]) => `| \`${kind}\` | ${status} | ${title} |`)
      .join('\n');
  return `## Problems

Every refusal is \`application/problem+json\` (RFC 9457): a stable \`type\`, and a \`detail\` that names the field and the fix.
Values that were sent are never repeated.

\`${PROBLEM_PREFIX}…\`

| kind | status | |
|---|---|---|
${rows(PROBLEMS)}

\`urn:openid:authzen:access-request:error:…\`

| kind | status | |
|---|---|---|
${rows(ARAP_PROBLEMS)}
`;
}

const heading = `# The HTTP API

<!-- Generated from the routes in gateway/src/api by \`npm run docs\`: change them there. -->

A running gateway describes itself at \`/openapi.json\` (OpenAPI 3.1). Each side has its own kind of credential, and none
opens another’s routes: people review at \`/api\`, agents ask at \`/access/v1\`, ticket systems say and stop at \`/ticketing/v1\`. (Agents that speak MCP need neither: they
connect to \`/mcp/<upstream>\`.)

- Bodies are JSON, parsed strictly: unknown fields, duplicate keys and numbers that would be rounded are refused.
- GET never changes anything.
- A POST with an \`Idempotency-Key\` header may be repeated: the answer is repeated, the change is not. The same key with
  another body is refused. Answers that hold a credential are never kept.
- Lists answer \`{"items": […], "next_cursor": "…"}\`; give the cursor back as \`?cursor=\`. Times are unix milliseconds.
- Public, for machines and auditors: \`/health/live\`, \`/health/ready\`, \`/metrics\`, \`/jwks.json\`, \`/log/*\`.

## For people
`;

const forPeople = `Sign in with a one-time link. A browser gets a cookie no script can read, and sends \`X-Countersign-CSRF\` (from
\`GET /api/me\`) with every change, from the gateway’s own pages only. A script uses the bearer token of
\`countersign login\`. Who reviews is who is signed in; nothing in a body can say otherwise.

To approve, say what you were shown: both digests of \`GET /api/requests/{id}\`. If either is not today’s, nothing happens.

\`\`\`sh
curl -X POST "$GATE/api/requests/$ID/reviews" -H "Authorization: Bearer $COUNTERSIGN_TOKEN" \\
  -H 'Content-Type: application/json' -H "Idempotency-Key: $(uuidgen)" \\
  -d '{"decision":"approved","reason":"change 4711","action_digest":"sha256:…","rendered_digest":"sha256:…"}'
\`\`\`

\`GET /api/events\` is a stream of server-sent events: \`hello\` when connected, \`request\` with \`{request_id, status, at}\` for
each change (and with \`run: {execution_id, status}\` when what it let through begins to run, or ended), \`reset\` when something was missed and lists must be read again. It resumes by \`Last-Event-ID\`, and ends within
seconds of its session.

## For agents and other enforcement points
`;

const forAgents = `AuthZEN Authorization API 1.0, and its Access Request and Approval Profile. Policy rules for it say \`on: access\`; they see
\`access.action\`, \`access.action_properties\`, \`access.resource\` and \`access.context\`. Here the caller runs the action itself:
the gateway decides, records and consumes, and writes \`enforced_by: caller\`.

1. \`POST /access/v1/evaluation\` with \`{subject, action, resource, context}\`. The subject is the agent whose key it is.
   \`decision: true\` is the only yes. A denial that people may lift has \`context.access_request\`.
2. \`POST /access/v1/requests\` with the same question and \`denial: {evaluation_id, binding_token}\` → 202 and a task.
3. \`GET\` the task’s \`status_endpoint\` until it is no longer \`pending\`.
4. Evaluate again, with \`result.approval\` unchanged at \`context.approval\`. Policy is asked again, and one use is consumed. An
   approval is for that question of that agent alone; it grants nothing by itself.

With \`callback: {endpoint, state, events}\` an agent that may is told when it is over ([webhooks.md](webhooks.md)).
Not offered yet, and refused rather than ignored: bundles (\`items\`), \`requested_access\`.
`;

const forTickets = `## For ticket systems

A key of their own kind (\`cs_ticket_…\`). It comments, refuses in the system’s own name, and hands over a person’s own proof of one answer; it
never approves. Set-up, step by step: [tickets.md](tickets.md).
`;

const client = `## The client

\`\`\`ts
import { createClient, requestFor } from '@countersign/sdk';

const gate = createClient({ url: 'https://gate.example.com', token: process.env.COUNTERSIGN_KEY });
const question = {
  subject: { type: 'agent', id: 'deployer' },
  action: { name: 'restart' },
  resource: { type: 'service', id: 'billing' },
};
let answer = await gate.access.evaluate(question);
const request = requestFor(question, answer);
if (!answer.decision && request !== undefined) {
  const { task } = await gate.access.requestAccess(request);
  answer = await gate.access.evaluateWith(question, await gate.access.wait(task.id));
}
if (answer.decision) restart();
\`\`\`
`;
