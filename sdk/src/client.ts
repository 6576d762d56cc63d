/**
 * A typed client for one gateway. One credential, one side: a person's for `people`, an agent's for `agents`; the
 * gateway refuses the wrong one. Works in Node and in a browser; depends on `core` alone.
 */
import { type Agents, createAgents } from './agents.ts';
import { type ClientOptions, createHttp } from './http.ts';
import { createPeople, type People } from './people.ts';

export type Client = People & { readonly access: Agents };

export function createClient(options: ClientOptions): Client {
  const http = createHttp(options);
  return { ...createPeople(http), access: createAgents(http) };
}
