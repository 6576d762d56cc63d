/**
 * How people come in, put together: sessions, one-time links, providers, and what is done while sessions last. What is
 * configured is opened here once; a provider that cannot be reached is no reason not to start, only not to sign in.
 */
import path from 'node:path';
import type { Changes } from '../authority/changes.ts';
import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Deps } from '../deps.ts';
import type { Log } from '../events.ts';
import { createSignInLinks } from '../identity/links.ts';
import { SignInFailure } from '../identity/oidc/failure.ts';
import type { Provider } from '../identity/oidc/provider/provider.ts';
import { recheckSessions } from '../identity/oidc/recheck.ts';
import { createRefusals } from '../identity/oidc/refusals.ts';
import { createSeal } from '../identity/oidc/seal.ts';
import { createProviderSignIn, type SignInDeps } from '../identity/oidc/sign-in.ts';
import { createRosterChanges } from '../identity/roster/changes.ts';
import { createProvisioning } from '../identity/scim/provisioning.ts';
import { sessionLimits } from '../identity/session.ts';
import { createSessions } from '../identity/sessions.ts';
import { endInactive, sweepSessions } from '../identity/sweep.ts';
import { fetchBy, type WayOut } from '../outgoing/way.ts';
import { startRepeating } from '../repeat.ts';

export type SigningInOptions = {
  readonly deps: Deps;
  readonly config: Config;
  readonly changes: Changes;
  readonly secrets: Secrets;
  /** One-time links are written in its folder `sign-in`. */
  readonly data_dir: string;
  readonly way: WayOut;
};

export type SigningIn = Awaited<ReturnType<typeof openSigningIn>>;

const SWEEP_MS = 1_000;
const INACTIVE_MS = 15_000;
const RECHECK_MS = 1_000;

/** @throws SecretError naming the key of the configuration and the fix */
export async function openSigningIn({ deps, config, changes, secrets, data_dir, way }: SigningInOptions) {
  const { store, events, now, authority, log } = deps;
  const limits = sessionLimits(config.sign_in.sessions);
  const sessionsDeps = { store, events, now, limits, directory: () => authority.current().directory };
  const sessions = createSessions(sessionsDeps);
  const people = createRosterChanges({ changes, now });
  const signInDeps: SignInDeps = {
    store,
    now,
    authority,
    providers: await openProviders(config, { secrets, deps, way }),
    people,
    sessions,
    seal: createSeal(deps.installation_key),
    refusals: createRefusals({ store, events, now, log }),
    people_max: config.limits.people_max,
  };
  return {
    sessions,
    links: createSignInLinks({ ...deps, sessions, dir: path.join(data_dir, 'sign-in') }),
    signIn: createProviderSignIn(signInDeps),
    providers: signInDeps.providers,
    provisioning: createProvisioning({
      changes,
      world: changes.world,
      directory: () => authority.current().directory,
      now,
      ended: sessions.lookAgain,
      people_max: config.limits.people_max,
    }),
    /** Ends what is over and asks providers again, until stopped. */
    start(): () => Promise<void> {
      for (const provider of signInDeps.providers.values()) probe(provider, log);
      const said = (what: string) => (error: unknown) => log.error({ error: String(error) }, what);
      endInactive(sessionsDeps).catch(said('could not end sessions of people who are not active'));
      const stops = [
        startRepeating({
          every_ms: SWEEP_MS,
          run: () => sweepSessions(sessionsDeps),
          failed: said('could not end what is over'),
        }),
        startRepeating({
          every_ms: INACTIVE_MS,
          run: () => endInactive(sessionsDeps),
          failed: said('could not end sessions of people who are not active'),
        }),
        startRepeating({
          every_ms: RECHECK_MS,
          run: () => recheckSessions(signInDeps),
          failed: said('could not ask providers about sessions'),
        }),
      ];
      return async () => void (await Promise.all(stops.map((stop) => stop())));
    },
  };
}

/** So that an operator who sets one up hears at the start what the first person would. */
function probe({ id, probe }: Provider, log: Log): void {
  probe().catch((error: unknown) => {
    const reason = error instanceof SignInFailure ? error.reason : 'unknown';
    log.warn({ provider: id, reason }, 'nobody can sign in with this provider now; see docs/identity.md');
  });
}

async function openProviders(
  { sign_in }: Config,
  { secrets, deps, way }: Pick<SigningInOptions, 'secrets' | 'deps' | 'way'>,
): Promise<ReadonlyMap<string, Provider>> {
  const configured = Object.entries(sign_in.oidc);
  if (configured.length === 0) return new Map();
  // Two megabytes of client libraries that a gateway without a provider never needs.
  const { createProvider } = await import('../identity/oidc/provider/provider.ts');
  const { public_url, now } = deps;
  return new Map(
    configured.map(([id, config]) => {
      const client_secret = secrets.open(config.client_secret, `sign_in.oidc.${id}.client_secret`);
      return [id, createProvider({ id, config, client_secret, public_url, fetch: fetchBy(way), now })];
    }),
  );
}
