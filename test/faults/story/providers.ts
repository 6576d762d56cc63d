/** A chapter about people a provider vouches for: they come, it is asked again, one is refused, and their time runs out. */
import { createChanges } from '../../../gateway/src/authority/changes.ts';
import { type Config, configSchema } from '../../../gateway/src/config/config.ts';
import { oidcAccount } from '../../../gateway/src/config/sign-in.ts';
import type { Known, Provider, Secrets } from '../../../gateway/src/identity/oidc/provider/provider.ts';
import { recheckSessions } from '../../../gateway/src/identity/oidc/recheck.ts';
import { createRefusals } from '../../../gateway/src/identity/oidc/refusals.ts';
import { createSeal } from '../../../gateway/src/identity/oidc/seal.ts';
import {
  createProviderSignIn,
  type Finished,
  type SignInDeps,
} from '../../../gateway/src/identity/oidc/sign-in.ts';
import { createRosterChanges } from '../../../gateway/src/identity/roster/changes.ts';
import { loadRoster } from '../../../gateway/src/identity/roster/stored.ts';
import { sweepSessions } from '../../../gateway/src/identity/sweep.ts';
import { SESSION_LIMITS } from '../../../gateway/testing/rig.ts';
import { insist, type World } from '../world.ts';
import type { Chapter } from './chapter.ts';
import { PEOPLE } from './house.ts';

const ISSUER = 'https://idp.example.com';
const WITH_PROVIDER: Config = configSchema.parse({
  ...PEOPLE,
  sign_in: {
    oidc: {
      corp: {
        name: 'Corp',
        issuer: ISSUER,
        client_id: 'c',
        client_secret: 'env:S',
        create: true,
        groups: { 'idp-dba': 'dba' },
        roles: { reviewer: ['*'] },
      },
    },
  },
});

/** What it says, without the network: the words are tried elsewhere, here it is what becomes of them. */
function vouching(): Provider & { secrets: Secrets | undefined } {
  const config = WITH_PROVIDER.sign_in.oidc['corp'];
  if (config === undefined) throw new TypeError('no provider');
  const known = (groups: readonly string[]): Known => ({
    identity: { account: oidcAccount(ISSUER, 'frank'), sub: 'frank', name: 'Frank', email: null, groups },
    tokens: { refresh_token: 'r', id_token: 'i', sub: 'frank' },
  });
  const provider: ReturnType<typeof vouching> = {
    id: 'corp',
    config,
    secrets: undefined,
    probe: async () => undefined,
    authorizationUrl: async (secrets) => {
      provider.secrets = secrets;
      return ISSUER;
    },
    exchange: async () => known(['idp-dba']),
    refresh: async () => known([]),
    vouch: async () => known([]).identity,
    signOutUrl: async () => undefined,
  };
  return provider;
}

async function openDoor({ rig, sessions }: World, provider: Provider): Promise<SignInDeps> {
  const { deps, authority, store } = rig;
  const roster = await loadRoster(store);
  const world = { config: WITH_PROVIDER, pins: new Map(), roster };
  const changes = createChanges({ ...deps, authority: () => authority, world });
  return {
    ...deps,
    providers: new Map([[provider.id, provider]]),
    people: createRosterChanges({ changes, now: deps.now }),
    sessions,
    seal: createSeal(deps.installation_key),
    refusals: createRefusals(deps),
    people_max: 10,
  };
}

export const providerVouches: Chapter = async (world) => {
  const { rig, outside } = world;
  const provider = vouching();
  const deps = await openDoor(world, provider);
  const door = createProviderSignIn(deps);
  const comeIn = async (cookie?: string): Promise<Finished | undefined> => {
    const begun = await insist(() => door.begin({ provider: 'corp' }));
    if ('kind' in begun) return undefined;
    const url = new URL(`${ISSUER}/?state=${provider.secrets?.state ?? ''}`);
    const back = { provider: 'corp', url, cookie: cookie ?? begun.cookie, replaces: undefined };
    const finished = await insist(() => door.finish(back));
    return finished.kind === 'failed' ? undefined : finished;
  };
  await comeIn('x'.repeat(43)); // another browser's
  // Whoever is told that it failed begins again, as people do.
  const finished = (await comeIn()) ?? (await comeIn());
  if (finished?.kind === 'browser')
    outside.tell({ said: 'signed-in', session: finished.signedIn.session.id });
  rig.time.now += 601_000;
  await insist(() => recheckSessions(deps));
  rig.time.now += SESSION_LIMITS.browser.absolute_ms;
  const directory = () => rig.authority.current().directory;
  await insist(() => sweepSessions({ ...rig.deps, directory, limits: SESSION_LIMITS }));
};
