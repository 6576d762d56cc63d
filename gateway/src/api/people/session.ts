/**
 * Signing in and out. A one-time code is consumed by POST and by nothing else (A16); a browser gets a cookie no script
 * can read, a command line gets a token once. Wrong, used and expired codes are told apart for nobody.
 */
import type { Session } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import type { RateLimit } from '../../limits/rate.ts';
import { csrfToken, type Person, personDoor, publicDoor, sameOrigin } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import { type Door, Reply, type Route, route } from '../http/route.ts';
import { cookieHeader, type Site } from '../http/site.ts';
import type { ApiPorts } from '../ports.ts';
import { me, session, signInInput, signInResult } from '../schema/directory.ts';
import { nothing, pageOf, text } from '../schema/values.ts';

const tag = 'sessions';

export function sessionRoutes(ports: ApiPorts, site: Site, attempts: RateLimit): readonly Route[] {
  const door = personDoor(ports.sessions, site);
  return [
    signIn(ports, site, attempts),
    signOut(ports, site, door),
    whoAmI(ports, door),
    ...ownRoutes(ports, door),
  ];
}

const signIn = (ports: ApiPorts, site: Site, attempts: RateLimit): Route =>
  route(
    {
      id: 'signIn',
      method: 'post',
      path: '/api/sign-in',
      summary: 'Exchange a one-time code for a session',
      tag,
      door: publicDoor,
      body: signInInput,
      answer: signInResult,
      keep: false,
    },
    async ({ body, incoming }) => {
      const foreign = body.kind === 'browser' ? sameOrigin(incoming.request, site) : undefined;
      if (foreign !== undefined) return foreign;
      const wait_s = attempts.take(incoming.remote);
      if (wait_s > 0)
        return problem('too_many_requests', 'too many sign-in attempts; wait and try again', {
          retry_after_s: wait_s,
        });
      const signedIn = await ports.sessions.signIn(body.code, body.kind);
      if (signedIn === undefined) {
        const detail = 'the code is wrong, used, or older than ten minutes; ask an operator for a new link';
        return problem('sign_in_refused', detail, { field: 'body.code' });
      }
      const { token, session: opened } = signedIn;
      const { id, name } = opened.person;
      const answer = { person: { id, name }, expires_at: opened.expires_at };
      if (body.kind === 'cli') return { ...answer, token };
      const age_s = Math.max(0, Math.floor((opened.expires_at - ports.now()) / 1000));
      return new Reply({ ...answer, csrf: csrfToken(token) }, 200, {
        'set-cookie': cookieHeader(site, token, age_s),
      });
    },
  );

const signOut = ({ sessions }: ApiPorts, site: Site, door: Door<Person>): Route =>
  route(
    {
      id: 'signOut',
      method: 'post',
      path: '/api/sign-out',
      summary: 'End this session',
      tag,
      door,
      answer: nothing,
      success: [204],
      keep: false,
    },
    async ({ caller }) => {
      await sessions.revoke(caller.id, caller.person.id);
      return new Reply(
        undefined,
        204,
        caller.kind === 'browser' ? { 'set-cookie': cookieHeader(site, '', 0) } : {},
      );
    },
  );

const whoAmI = (ports: ApiPorts, door: Door<Person>): Route =>
  route(
    { id: 'me', method: 'get', path: '/api/me', summary: 'Who is signed in', tag, door, answer: me },
    async ({ caller }) => {
      const { id, name, roles, groups } = caller.person;
      const own = (await ownSessions(ports, caller)).find((each) => each.current);
      if (own === undefined) return problem('not_signed_in', 'the session has ended; sign in again');
      const csrf = caller.kind === 'browser' ? { csrf: csrfToken(caller.token) } : {};
      return { id, name, roles, groups, session: own, ...csrf };
    },
  );

const ownRoutes = (ports: ApiPorts, door: Door<Person>): readonly Route[] => [
  route(
    {
      id: 'listSessions',
      method: 'get',
      path: '/api/sessions',
      summary: 'Your live sessions',
      tag,
      door,
      answer: pageOf(session),
    },
    async ({ caller }) => ({ items: await ownSessions(ports, caller) }),
  ),
  route(
    {
      id: 'endSession',
      method: 'delete',
      path: '/api/sessions/{id}',
      summary: 'End one of your sessions',
      tag,
      door,
      params: z.strictObject({ id: text }),
      answer: nothing,
      success: [204],
    },
    async ({ caller, params }) => {
      const ended = await ports.sessions.revoke(params.id, caller.person.id);
      return ended
        ? new Reply(undefined, 204)
        : problem('not_found', 'id: no live session of yours has this id', { field: 'path.id' });
    },
  ),
];

async function ownSessions(ports: ApiPorts, caller: Person): Promise<readonly Session[]> {
  const rows = await ports.sessions.list(caller.person.id);
  return rows.map((row) => ({ ...row, current: row.id === caller.id }));
}
