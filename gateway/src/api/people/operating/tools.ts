/** Pinned tool definitions: list, read what changed, accept exactly what was shown (A9). */

import type { Person } from '../../http/doors.ts';
import { problem } from '../../http/problem.ts';
import type { Door, Route } from '../../http/route.ts';
import { route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { acceptInput, tool, toolDiff, toolPath } from '../../schema/directory.ts';
import { heldChange } from '../../schema/operators.ts';
import { pageOf } from '../../schema/values.ts';
import { madeOrHeld } from '../change.ts';

const tag = 'tools';

export function toolRoutes(
  { tools }: ApiPorts,
  person: Door<Person>,
  operator: Door<Person>,
): readonly Route[] {
  return [
    route(
      {
        id: 'listTools',
        method: 'get',
        path: '/api/tools',
        summary: 'Tools of every upstream and their pins',
        tag,
        door: person,
        answer: pageOf(tool),
      },
      async () => ({ items: await tools.list() }),
    ),
    route(
      {
        id: 'diffTool',
        method: 'get',
        path: '/api/tools/{upstream}/{tool}/diff',
        summary: 'What changed since the accepted definition',
        tag,
        door: person,
        params: toolPath,
        answer: toolDiff,
      },
      async ({ params }) =>
        (await tools.diff(params.upstream, params.tool)) ??
        problem('not_found', 'tool: this upstream has shown no such tool', { field: 'path.tool' }),
    ),
    route(
      {
        id: 'acceptTool',
        method: 'post',
        path: '/api/tools/{upstream}/{tool}/accept',
        summary:
          'Accept the definition a diff showed, with its class (operators); 202 when other operators must agree first',
        tag,
        door: operator,
        params: toolPath,
        body: acceptInput,
        answer: heldChange.optional(),
        success: [202, 204],
      },
      async ({ params, body, caller }) =>
        madeOrHeld(await tools.accept({ ...params, pin: body.pin, class: body.class, by: caller.person.id })),
    ),
  ];
}
