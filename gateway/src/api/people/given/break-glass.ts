/** Broken glass: breaking it, who knows, and the review afterwards. Whether any of it counts is decided behind the port. */
import type { GlassRefusal } from '../../../break-glass/outcome.ts';
import type { Person } from '../../http/doors.ts';
import { type Problem, problem } from '../../http/problem.ts';
import { type Door, Reply, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { breakGlassInput, brokenGlass, closeGlassInput, glassQuery } from '../../schema/glass/broken.ts';
import { identified, nothing, pageOf } from '../../schema/values.ts';
import { changed, refusedAnswers, refusedChange } from '../change.ts';

const tag = 'break-glass';
const params = identified('brk_');

export function breakGlassRoutes(ports: ApiPorts, door: Door<Person>): readonly Route[] {
  return [
    breaking(ports, door),
    list(ports, door),
    show(ports, door),
    acknowledge(ports, door),
    close(ports, door),
  ];
}

const unknown = (): Problem =>
  problem('not_found', 'id: there is no broken glass with this id', { field: 'path.id' });

const breaking = ({ breakGlass }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'breakGlass',
      method: 'post',
      path: '/api/requests/{id}/break-glass',
      summary: 'In an emergency, let a pending request through alone, signed with your passkey',
      tag,
      door,
      params: identified('req_'),
      body: breakGlassInput,
      answer: brokenGlass,
      success: [201],
    },
    async ({ params: { id }, body, caller }) => {
      const outcome = await breakGlass.break({
        ...body,
        request_id: id,
        reviewer: caller.person.id,
        session: caller.id,
        channel: caller.kind === 'cli' ? 'cli' : 'api',
      });
      if (outcome.kind === 'refused') return refusedBreak(outcome.why, outcome.message);
      const made = await breakGlass.show(outcome.glass_id, caller.person.id);
      return made === undefined ? unknown() : new Reply(made, 201);
    },
  );

const refusedBreak = (why: GlassRefusal, message: string): Problem =>
  problem(refusedAnswers[why], message, why === 'reason_refused' ? { field: 'body.reason' } : {});

const list = ({ breakGlass }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'listBrokenGlass',
      method: 'get',
      path: '/api/break-glass',
      summary:
        'Broken glass, newest first: all of it, what is still to be judged, or what you have yet to acknowledge',
      tag,
      door,
      query: glassQuery,
      answer: pageOf(brokenGlass),
    },
    async ({ query: { limit, cursor, ...filter }, caller }) =>
      breakGlass.list(
        { ...filter, viewer: caller.person.id },
        { limit, ...(cursor === undefined ? {} : { cursor }) },
      ),
  );

const show = ({ breakGlass }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'showBrokenGlass',
      method: 'get',
      path: '/api/break-glass/{id}',
      summary: 'One broken glass: who, why, what ran by it, who knows, who judged it',
      tag,
      door,
      params,
      answer: brokenGlass,
    },
    async ({ params: { id }, caller }) => (await breakGlass.show(id, caller.person.id)) ?? unknown(),
  );

const acknowledge = ({ breakGlass }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'acknowledgeBrokenGlass',
      method: 'post',
      path: '/api/break-glass/{id}/acknowledge',
      summary: 'Say, on the record, that you know of it',
      tag,
      door,
      params,
      answer: nothing,
      success: [204],
    },
    async ({ params: { id }, caller }) => changed(await breakGlass.acknowledge(id, caller.person.id)),
  );

const close = ({ breakGlass }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'closeBrokenGlass',
      method: 'post',
      path: '/api/break-glass/{id}/close',
      summary: 'Judge it afterwards: by somebody else than whoever broke it or answers for the action',
      tag,
      door,
      params,
      body: closeGlassInput,
      answer: brokenGlass,
    },
    async ({ params: { id }, body: { verdict, note }, caller }) => {
      const by = caller.person.id;
      const outcome = await breakGlass.close(id, { by, verdict, note });
      if (outcome.kind === 'refused') return refusedChange(outcome);
      return (await breakGlass.show(id, by)) ?? unknown();
    },
  );
