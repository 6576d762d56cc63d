/** OpenAPI 3.1, made from the routes themselves: what is documented is what runs. */
import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { PROBLEM_PREFIX, PROBLEMS } from './http/problem.ts';
import type { Route } from './http/route.ts';

export const API_VERSION = '1';

const problemBody = z
  .object({
    type: z.string().openapi({ description: `A URN: ${PROBLEM_PREFIX}<kind>, or the ARAP profile’s own` }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'Names the field and the fix' }),
    field: z.string().exactOptional(),
  })
  .openapi('Problem', {
    examples: [
      { type: `${PROBLEM_PREFIX}not_found`, title: PROBLEMS.not_found[1], status: 404, detail: '…' },
    ],
  });

const security = {
  public: [],
  person: [{ personCookie: [] }, { personToken: [] }],
  agent: [{ agentKey: [] }],
  ticketing: [{ ticketKey: [] }],
};

export function describe(routes: readonly Route[], app: OpenAPIHono, public_url: string): object {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent('securitySchemes', 'personCookie', {
    type: 'apiKey',
    in: 'cookie',
    name: public_url.startsWith('https:') ? '__Host-countersign' : 'countersign',
    description: 'A browser session. Changes also need the X-Countersign-CSRF header GET /api/me gives.',
  });
  registry.registerComponent('securitySchemes', 'personToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'A command-line token: cs_person_…',
  });
  registry.registerComponent('securitySchemes', 'agentKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An agent key: cs_agent_…',
  });
  registry.registerComponent('securitySchemes', 'ticketKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'A ticket system’s key: cs_ticket_…',
  });
  for (const route of routes) registry.registerPath(pathOf(route));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: API_VERSION,
      description:
        'People review what agents ask for at /api; agents ask at /access/v1 (AuthZEN 1.0, ARAP). Problems are RFC 9457.',
    },
    servers: [{ url: public_url }],
  });
}

function pathOf({ spec }: Route): RouteConfig {
  const media = spec.media_type ?? 'application/json';
  const success = Object.fromEntries(
    (spec.success ?? [200]).map((status) => [status, answerOf(status, media, spec.answer)]),
  );
  const key = z.object({ 'idempotency-key': z.string().min(1).max(200).exactOptional() });
  const keeps = spec.method === 'post' && spec.keep !== false && spec.door.name !== 'public';
  return {
    method: spec.method,
    path: spec.path,
    operationId: spec.id,
    summary: spec.summary,
    tags: [spec.tag],
    security: security[spec.door.name],
    request: {
      ...(spec.params === undefined ? {} : { params: asObject(spec.params) }),
      ...(spec.query === undefined ? {} : { query: asObject(spec.query) }),
      ...(keeps ? { headers: key } : {}),
      ...(spec.body === undefined
        ? {}
        : { body: { required: true, content: { 'application/json': { schema: spec.body } } } }),
    },
    responses: {
      ...success,
      default: { description: 'Why not', content: { 'application/problem+json': { schema: problemBody } } },
    },
  };
}

const answerOf = (status: number, media: string, schema: z.ZodType) =>
  status === 204 ? { description: 'Done' } : { description: 'Done', content: { [media]: { schema } } };

function asObject(schema: z.ZodType): z.ZodObject {
  if (!(schema instanceof z.ZodObject))
    throw new TypeError('path and query parameters are described by an object schema');
  return schema;
}
