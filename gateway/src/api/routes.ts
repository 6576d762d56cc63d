/** Every route there is, with the door it stands behind. The whole surface of the API on one page. */

import type { RateLimit } from '../limits/rate.ts';
import type { AccessSession } from './access/access.ts';
import { configurationRoute, createEndpoints } from './access/endpoints.ts';
import { evaluationRoutes } from './access/evaluations.ts';
import { taskRoutes } from './access/tasks.ts';
import { agentDoor, type Person, personDoor } from './http/doors.ts';
import type { Door, Route } from './http/route.ts';
import type { Site } from './http/site.ts';
import { accountRoutes } from './people/accounts.ts';
import { channelRoutes } from './people/channels.ts';
import { directoryRoutes, linkRoutes } from './people/directory.ts';
import type { Feed } from './people/events.ts';
import { approvalRoutes } from './people/given/approvals.ts';
import { breakGlassRoutes } from './people/given/break-glass.ts';
import { delegationRoutes } from './people/given/delegations.ts';
import { grantRoutes } from './people/given/grants.ts';
import { callRoutes, trailRoutes } from './people/history/calls.ts';
import { insightsRoute } from './people/history/insights.ts';
import { searchRoutes } from './people/history/searches.ts';
import { inboxRoutes } from './people/inbox/inbox.ts';
import { logRoutes } from './people/log.ts';
import { operatorRoutes } from './people/operating/operators.ts';
import { pauseRoutes } from './people/operating/pauses.ts';
import { policyRoutes } from './people/operating/policy.ts';
import { powerRoutes } from './people/operating/powers.ts';
import { toolRoutes } from './people/operating/tools.ts';
import { passkeyRoutes } from './people/passkeys.ts';
import { personRoutes } from './people/people.ts';
import { providerRoutes } from './people/providers.ts';
import { requestRoutes } from './people/requests.ts';
import { sessionRoutes } from './people/session.ts';
import { webhookRoutes } from './people/webhooks.ts';
import type { ApiPorts } from './ports.ts';
import { ticketDoor } from './ticketing/door.ts';
import { ticketingRoutes } from './ticketing/routes.ts';

export type Parts = {
  readonly site: Site;
  readonly attempts: RateLimit;
  readonly provider_attempts: RateLimit;
  /** At whom a one-time link is for. */
  readonly looks: RateLimit;
  readonly feed: (door: Door<Person>) => Feed;
};

export function allRoutes(
  ports: ApiPorts,
  { site, attempts, provider_attempts, looks, feed }: Parts,
): { readonly routes: readonly Route[]; readonly feed: Feed } {
  const person = personDoor(ports.sessions, site);
  const operator = personDoor(ports.sessions, site, ['operator']);
  const author = personDoor(ports.sessions, site, ['operator', 'auditor']);
  const agent: Door<AccessSession> = agentDoor(ports.admit, site);
  const endpoints = createEndpoints(site.public_url);
  const live = feed(person);
  const routes = [
    ...sessionRoutes(ports, site, { attempts, looks }),
    ...providerRoutes(ports, site, provider_attempts),
    ...personRoutes(ports, { person, operator }),
    ...accountRoutes(ports, person),
    ...requestRoutes(ports, person),
    ...inboxRoutes(ports, person),
    live.route,
    ...callRoutes(ports, person),
    ...trailRoutes(ports, person),
    insightsRoute(ports, person),
    ...searchRoutes(ports, person),
    ...approvalRoutes(ports, person),
    ...grantRoutes(ports, person),
    ...breakGlassRoutes(ports, person),
    ...delegationRoutes(ports, person),
    ...pauseRoutes(ports, person),
    ...channelRoutes(ports, { person, author, operator }),
    ...webhookRoutes(ports, { author, operator }),
    ...directoryRoutes(ports, person),
    ...powerRoutes(ports, person),
    ...linkRoutes(ports, operator),
    ...policyRoutes(ports, { person, author, operator }),
    ...operatorRoutes(ports, { person, operator }),
    ...passkeyRoutes(ports, person),
    ...toolRoutes(ports, person, operator),
    ...logRoutes(ports, person),
    configurationRoute(site.public_url, endpoints),
    ...evaluationRoutes({ ...ports, endpoints }, agent),
    ...taskRoutes({ ...ports, endpoints }, agent),
    ...ticketingRoutes(ports, ticketDoor(ports.tickets)),
  ];
  return { routes, feed: live };
}
