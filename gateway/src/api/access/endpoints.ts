/** Where the agents' routes are, as absolute URLs, and the AuthZEN metadata that says so. */
import { z } from '@hono/zod-openapi';
import { publicDoor } from '../http/doors.ts';
import { type Route, route } from '../http/route.ts';

export type Endpoints = {
  readonly evaluation: string;
  readonly evaluations: string;
  readonly requests: string;
  request(id: string): string;
  cancel(id: string): string;
};

export function createEndpoints(public_url: string): Endpoints {
  const base = `${public_url}/access/v1`;
  const request = (id: string): string => `${base}/requests/${encodeURIComponent(id)}`;
  return {
    evaluation: `${base}/evaluation`,
    evaluations: `${base}/evaluations`,
    requests: `${base}/requests`,
    request,
    cancel: (id) => `${request(id)}/cancel`,
  };
}

const configuration = z.object({
  policy_decision_point: z.string(),
  access_evaluation_endpoint: z.string(),
  access_evaluations_endpoint: z.string(),
  access_request_endpoint: z.string(),
  jwks_uri: z.string(),
  capabilities: z.array(z.string()),
});

export const configurationRoute = (public_url: string, endpoints: Endpoints): Route =>
  route(
    {
      id: 'accessConfiguration',
      method: 'get',
      path: '/.well-known/authzen-configuration',
      summary: 'Where AuthZEN and ARAP are spoken',
      tag: 'access',
      door: publicDoor,
      answer: configuration,
    },
    async () => ({
      policy_decision_point: public_url,
      access_evaluation_endpoint: endpoints.evaluation,
      access_evaluations_endpoint: endpoints.evaluations,
      access_request_endpoint: endpoints.requests,
      jwks_uri: `${public_url}/jwks.json`,
      capabilities: ['urn:openid:authzen:capability:access-request'],
    }),
  );
