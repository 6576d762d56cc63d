/**
 * Who is calling. Three doors that never open for each other's credentials (I12): the public one, the people's
 * (browser cookie with CSRF token and Origin, or command-line bearer token), and the agents' (bearer key). A person's
 * identity comes from their session alone, never from anything in a message.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Role } from '@countersign/core';
import { callerName } from '../../identity/caller.ts';
import { kindOf } from '../../identity/credential.ts';
import type { PersonSession, Sessions } from '../../identity/sessions.ts';
import type { Shown } from '../../protocols/protocol.ts';
import type { AccessSession, AdmitAccess } from '../access/access.ts';
import { Problem, problem } from './problem.ts';
import type { Door, Entered } from './route.ts';
import type { Site } from './site.ts';

export const CSRF_HEADER = 'x-countersign-csrf';

export const publicDoor: Door<undefined> = {
  name: 'public',
  enter: async () => ({ caller: undefined, principal: undefined }),
};

export type Person = PersonSession & {
  /** The credential itself, to derive from; never shown. */ readonly token: string;
};

/** `roles`: any one of them opens the door; none given, every signed-in person may enter. */
export function personDoor(sessions: Sessions, site: Site, roles: readonly Role[] = []): Door<Person> {
  return {
    name: 'person',
    async enter(incoming) {
      const token = personToken(incoming.request, site);
      if (token instanceof Problem) return token;
      const session = await sessions.authenticate(token.value);
      if (session === undefined) return signedOut('the session has ended or was revoked; sign in again');
      if (session.kind !== token.kind) return signedOut('this credential is for the other kind of client');
      if (roles.length > 0 && !roles.some((role) => session.person.roles.includes(role))) {
        return problem('not_allowed', `this needs the role ${roles.join(' or ')}`);
      }
      const crossSite = token.kind === 'browser' ? checkCsrf(incoming.request, token.value, site) : undefined;
      return crossSite ?? entered({ ...session, token: token.value });
    },
  };
}

const entered = (person: Person): Entered<Person> => ({
  caller: person,
  principal: `person:${person.person.id}`,
});

export function agentDoor(admit: AdmitAccess, site: Site): Door<AccessSession> {
  return {
    name: 'agent',
    async enter({ request }) {
      const given = authorization(request);
      if (given instanceof Problem) return given;
      if (given === undefined)
        return needsKey('send an agent key or a workload token: Authorization: Bearer …');
      const admission = await admit(given.token, shownBy(request, site, given.scheme));
      if (admission.admitted) {
        const { session } = admission;
        return { caller: session, principal: `agent:${callerName(session.principal)}` };
      }
      if (admission.reason === 'too_many_calls') {
        const { retry_after_s } = admission;
        return problem(
          'too_many_requests',
          `this agent made more calls than its calls_per_minute; try again in ${retry_after_s} s`,
          { retry_after_s },
        );
      }
      if (admission.reason === 'wrong_kind') {
        return problem(
          'wrong_credential_kind',
          'this is a person’s credential; agents’ routes take an agent key (cs_agent_…)',
        );
      }
      return needsKey(UNADMITTED[admission.reason]);
    },
  };
}

const UNADMITTED = {
  missing: 'send an agent key or a workload token: Authorization: Bearer …',
  unknown: 'the agent key is not known here; ask the operator for a new one',
  revoked: 'the agent key was revoked; ask the operator for a new one',
  expired: 'the agent key has expired; ask the operator for a new one',
  token_refused:
    'the token was not taken; get a fresh one, or ask the operator, who finds why in the gateway’s log',
  proof_refused:
    'the token needs a proof of possession (DPoP) of this very request, made just now and used once',
  insufficient_scope: 'the token was not granted what this takes',
} as const;

function shownBy(request: Request, site: Site, scheme: Shown['scheme']): Shown {
  const proof = request.headers.get('dpop');
  return {
    scheme,
    // Two headers arrive as one with a comma in it, which no proof has: refused as none.
    ...(proof === null || proof.includes(',') ? {} : { proof }),
    method: request.method,
    url: site.public_url + new URL(request.url).pathname,
  };
}

type Token = { readonly value: string; readonly kind: 'browser' | 'cli' };

function personToken(request: Request, site: Site): Token | Problem {
  const given = bearer(request);
  if (given instanceof Problem) return given;
  if (given !== undefined) {
    const kind = kindOf(given);
    if (kind === 'cli') return { value: given, kind };
    if (kind === 'agent') {
      return problem(
        'wrong_credential_kind',
        'this is an agent’s key; people’s routes take a person’s session (countersign login)',
      );
    }
    return signedOut('the bearer token is not a command-line token (cs_person_…)');
  }
  const cookie = readCookie(request, site.cookie);
  if (cookie === undefined) return signedOut('sign in with a one-time link, or run: countersign login');
  return kindOf(cookie) === 'browser'
    ? { value: cookie, kind: 'browser' }
    : signedOut('the session cookie is not valid');
}

/** The token of an `Authorization` header; undefined without the header. */
function authorization(
  request: Request,
): { readonly scheme: Shown['scheme']; readonly token: string } | undefined | Problem {
  const header = request.headers.get('authorization');
  if (header === null) return undefined;
  const [, scheme, token] = /^(Bearer|DPoP) +([\x21-\x7e]{1,16384})$/i.exec(header) ?? [];
  if (token === undefined) return signedOut('Authorization: expected "Bearer" and one token');
  return { scheme: scheme?.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token };
}

/** People's tokens are short, and bearers'. */
function bearer(request: Request): string | undefined | Problem {
  const given = authorization(request);
  if (given === undefined || given instanceof Problem) return given;
  return given.scheme === 'bearer' && given.token.length <= 512
    ? given.token
    : signedOut('Authorization: expected "Bearer" and one token');
}

const signedOut = (detail: string): Problem =>
  problem('not_signed_in', detail, { headers: { 'www-authenticate': 'Bearer realm="countersign people"' } });
const needsKey = (detail: string): Problem =>
  problem('not_signed_in', detail, { headers: { 'www-authenticate': 'Bearer realm="countersign agents"' } });

export function readCookie(request: Request, name: string): string | undefined {
  const found = (request.headers.get('cookie') ?? '')
    .split(/;\s*/)
    .filter((pair) => pair.startsWith(`${name}=`));
  // Two cookies of one name means somebody planted one: neither is trusted.
  return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined;
}

/** Derived from the session's secret, so nothing is stored and only a page that may ask `GET /api/me` knows it. */
export function csrfToken(session_token: string): string {
  return createHmac('sha256', session_token).update('countersign csrf v1').digest('base64url');
}

function checkCsrf(request: Request, session_token: string, site: Site): Problem | undefined {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const origin = sameOrigin(request, site);
  if (origin !== undefined) return origin;
  const given = Buffer.from(request.headers.get(CSRF_HEADER) ?? '');
  const wanted = Buffer.from(csrfToken(session_token));
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return undefined;
  return problem('cross_site', 'X-Countersign-CSRF: send the token GET /api/me gave this session', {
    field: 'header.x-countersign-csrf',
  });
}

/** A browser's change must come from our own pages (A16). */
export function sameOrigin(request: Request, site: Site): Problem | undefined {
  const origin = request.headers.get('origin');
  if (origin !== null && site.isOwnOrigin(origin)) return undefined;
  return problem('cross_site', 'Origin: changes from a browser must come from the gateway’s own pages', {
    field: 'header.origin',
  });
}
