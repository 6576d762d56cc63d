/** What SCIM answers: `application/scim+json`, lists and errors in its own form (RFC 7644 §3.4.2, §3.12). */
import type { Json, JsonObject } from '@countersign/core';
import { ScimFailure } from '../../identity/scim/failure.ts';

const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0:';
type Headers = { readonly [name: string]: string };

export const answer = (status: number, body: Json, headers: Headers = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/scim+json; charset=utf-8', ...headers },
  });

export type Page = {
  readonly resources: readonly JsonObject[];
  readonly total: number;
  readonly start: number;
};

export const listAnswer = ({ resources, total, start }: Page): Response =>
  answer(200, {
    schemas: [`${MESSAGES}ListResponse`],
    totalResults: total,
    startIndex: start,
    itemsPerPage: resources.length,
    Resources: [...resources],
  });

export const failureAnswer = ({ status, detail, scim_type, headers }: ScimFailure): Response =>
  answer(
    status,
    {
      schemas: [`${MESSAGES}Error`],
      status: String(status),
      ...(scim_type === undefined ? {} : { scimType: scim_type }),
      detail,
    },
    headers,
  );

/** What broke inside is told inside (I7); the store being gone is a refusal (A20). */
export function brokenAnswer(error: unknown): Response {
  const unavailable = error instanceof Error && error.name === 'StoreUnavailable';
  return failureAnswer(
    unavailable
      ? new ScimFailure(503, 'the store cannot be reached; look again before retrying', {
          headers: { 'retry-after': '5' },
        })
      : new ScimFailure(500, 'something broke in the gateway; its log says what'),
  );
}
