/**
 * The composition root: read this first. It opens the keys, the store and the policy, hands enforcement what it needs,
 * hands protocols and the API their doors, and listens. Only this file touches the registries; nothing else knows how
 * the parts meet. Anything that fails here stops the start: a gateway that is not whole does not listen.
 */
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createApi } from './api/api.ts';
import type { ApiPorts, SignInLinks } from './api/ports.ts';
import { verifyingKeys } from './audit/keys/keys.ts';
import { lastCommitted } from './audit/log/newest.ts';
import { openAudit, openAuditKeys } from './audit/open.ts';
import { type Authority, createAuthority, pinKey } from './authority/authority.ts';
import { createChanges, operatorsRecord } from './authority/changes.ts';
import { loadDuties } from './authority/duties.ts';
import { leftSteps } from './authority/leaving.ts';
import { markedBy } from './authority/operators.ts';
import { loadPaused } from './authority/paused.ts';
import { endSeatsOf } from './authority/seats.ts';
import { openChannels } from './channels/index.ts';
import { mountChannels } from './channels/mount.ts';
import { createClock } from './clock.ts';
import { type AgentDoor, openAgentDoor } from './composition/agents.ts';
import { apiPorts } from './composition/api.ts';
import { openReaching, type ReachingParts } from './composition/channels.ts';
import { askedLate, openOperating } from './composition/operating.ts';
import { openPreviews } from './composition/previews.ts';
import { openSigningIn } from './composition/signing-in.ts';
import { watchLimits, watchPauses, watchWebhooks } from './composition/watched.ts';
import { waysOut } from './composition/ways-out.ts';
import { type Config, logOrigin, policyPlace } from './config/config.ts';
import { parseDuration } from './config/duration.ts';
import { createSecrets, type Secrets } from './config/secrets.ts';
import { openCredentials } from './credentials/upstreams.ts';
import { askingMax, type Deps } from './deps.ts';
import { createErase } from './erasure/erasure.ts';
import { createEvents, type Log } from './events.ts';
import { recoverExecutions } from './executions/recover.ts';
import { createFront, listen, stop } from './front.ts';
import { openHistory } from './history/history.ts';
import { createAgents } from './identity/directory.ts';
import { endSessionsOf } from './identity/ending.ts';
import { takenSteps } from './identity/roster/links.ts';
import { loadRoster } from './identity/roster/stored.ts';
import type { Sessions } from './identity/sessions.ts';
import { createTicketSystems } from './identity/ticketing.ts';
import { type AtStart, leftWhileStopped, openAgreed, takenWhileStopped } from './in-force/agreed.ts';
import { type ConfigInForce, directoryFor, watchConfig } from './in-force/config.ts';
import { digestOf } from './in-force/config-change.ts';
import { firstPolicy, keepSource } from './in-force/first-policy.ts';
import { keepConfig, keepPolicy } from './in-force/kept.ts';
import { openPolicy } from './in-force/policy.ts';
import { createApart } from './masking/apart/apart.ts';
import { builtInDetectors } from './masking/built-in.ts';
import { createKnownSecrets, type KnownSecret } from './masking/known/known.ts';
import { createMasking } from './masking/masking.ts';
import { createMeter } from './metrics/meter.ts';
import { createMetrics } from './metrics/metrics.ts';
import type { WaysOut } from './outgoing/way.ts';
import { loadPinnedKeys } from './passkeys/stored.ts';
import { type Contacts, createContacts } from './protocols/contacts.ts';
import { createProtocols, type Protocol } from './protocols/index.ts';
import { createRequestBus } from './requests/bus.ts';
import { createRequests } from './requests/create.ts';
import { startSweeper } from './requests/ending/expire.ts';
import { openSqliteStore } from './store/sqlite/sqlite.ts';
import type { Store } from './store/store.ts';
import { createSeen, loadAcceptedPins } from './tools/pins.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

export type StartOptions = {
  readonly config: Config;
  /** Relative paths are relative to its folder; it is watched for changes. */
  readonly config_file: string;
  readonly log: Log;
  readonly env?: NodeJS.ProcessEnv;
  readonly system_clock?: () => number;
  /** Another store than the file in the data folder: one that several gateways share. */
  readonly open_store?: typeof openSqliteStore;
};

export type Gateway = {
  /** Where it listens; `public_url` is where people reach it. */
  readonly url: string;
  readonly data_dir: string;
  /** The log's verifier key: the one line an auditor keeps. */
  readonly vkey: string;
  readonly sessions: Sessions;
  /** One-time sign-in links, written to files on this host. */
  readonly links: SignInLinks;
  /** No session is live: people need a link to get in. */
  readonly nobody_signed_in: boolean;
  /** Signs and publishes what is committed so far. */
  flushLog(): Promise<void>;
  close(): Promise<void>;
};

/** What was opened so far, in order: closed backwards when the start fails, so that nothing half open lives on. */
type Opened = (() => Promise<void> | void)[];

export async function startGateway(options: StartOptions): Promise<Gateway> {
  const opened: Opened = [];
  try {
    return await start(options, opened);
  } catch (error) {
    for (const close of opened.reverse())
      await Promise.try(close).catch((failed: unknown) =>
        options.log.warn({ error: String(failed) }, 'could not close what was opened'),
      );
    throw error;
  }
}

async function start(options: StartOptions, opened: Opened): Promise<Gateway> {
  const { config_file, log, env = process.env } = options;
  const base_dir = path.dirname(path.resolve(config_file));
  const public_url = options.config.public_url.replace(/\/+$/, '');
  const durable = await openDurable(options, { base_dir, opened });
  const { store, audit, now, data_dir } = durable;
  const atStart = await openAgreed(store);
  const config: Config = { ...options.config, ...atStart.agreed?.config };
  const rule = await openRule({ ...options, config }, durable, { ...atStart, base_dir });
  const { authority, changes, inForce } = rule;
  opened.push(() => rule.policy.source.close(), inForce.close);

  const secrets = createSecrets(env, base_dir);
  const outBy = waysOut(config, { secrets, base_dir });
  const credentials = openCredentials(config, secrets);
  const { masking, apart } = openMasking(credentials.known, log);
  opened.push(() => apart.close());
  const deps = depsOf({ ...durable, authority, masking, log, public_url, credentialsOf: credentials.of });
  await recoverExecutions(deps);
  await recordStart(deps, rule, config);
  const operating = openOperating({ ...durable, ...rule, deps, tenant: config.tenant, config_file });

  const agents = openAgentDoor(deps, { tenant: config.tenant, base_dir, way: outBy('workload_identity') });
  opened.push(agents.close);
  const signing = await openSigningIn({ deps, config, secrets, changes, data_dir, way: outBy('sign_in') });
  const previews = openPreviews(deps, durable.meter);
  opened.push(previews.close);
  const [contacts, requests] = [createContacts(now), createRequests(deps, createErase(deps), previews)];
  const forPeople = { requests, contacts, ...(await openHistory(deps)) };
  opened.push(forPeople.close);
  const protocols = openProtocols(deps, { ...forPeople, agents, inForce, base_dir });
  opened.push(...protocols.map((protocol) => () => protocol.close()));
  await previews.start(protocols, config, config_file);
  const whole = { ...durable, ...rule, ...forPeople, ...agents, deps, signing, operating };
  const { cards, channels, stopTelling, ...outward } = await openOutward(
    { ...whole, config },
    { secrets, opened, outBy },
  );
  watchPauses(rule.authority, durable.metrics);
  watchLimits(protocols, durable.metrics);
  const api = openApi(apiPorts({ ...whole, ...outward, cards, config: inForce.current }), options, config);
  opened.push(api.close);
  const otherwise = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  const server = createFront([...protocols, mountChannels(channels)], otherwise);
  const address = await listen(server, config.listen.http);
  await cards.start(channels);
  const stopSweeper = startSweeper(deps);
  const stopSigning = signing.start();
  const stopOperating = await operating.start({ look: atStart.agreed !== undefined });

  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    data_dir,
    vkey: audit.keys.log.vkey,
    sessions: signing.sessions,
    links: signing.links,
    nobody_signed_in: await isNobodySignedIn(store, now()),
    flushLog: audit.flush,
    async close() {
      // Nobody new comes in; what runs ends or is cut and recorded; the log takes the rest; then the store.
      inForce.close();
      api.close();
      await Promise.all([
        stopOperating(),
        stopSweeper(),
        stopTelling(),
        forPeople.close(),
        previews.close(),
        stopSigning(),
        ...protocols.map((protocol) => protocol.close()),
      ]);
      await stop(server);
      await agents.close();
      await apart.close();
      await audit.close();
      await store.close();
    },
  };
}

const depsOf = (parts: Durable & Omit<Deps, 'bus' | 'installation_key' | 'askingMax'>): Deps => ({
  ...parts,
  bus: createRequestBus(),
  installation_key: parts.audit.keys.installation,
  askingMax: (agent) => askingMax(parts.authority.current().agents, agent),
});

const openApi = (ports: ApiPorts, { log }: StartOptions, { public_url, listen: at }: Config) =>
  createApi(ports, {
    public_url: public_url.replace(/\/+$/, ''),
    trusted_proxies: at.trusted_proxies,
    onError: (error, where) => log.error({ where, error: String(error) }, 'an API route failed'),
    onRefused: (why) => log.warn({ why }, 'a credential was refused at /scim/v2'),
  });

/** What survives: the store, the keys and the log; and what every event is recorded, counted and logged through. */
async function openDurable(
  { config, log, system_clock = Date.now, open_store = openSqliteStore }: StartOptions,
  { base_dir, opened }: { readonly base_dir: string; readonly opened: Opened },
) {
  const data_dir = path.resolve(base_dir, config.store.sqlite);
  const origin = logOrigin(config);
  const keys = openAuditKeys(data_dir, origin);
  const entry_key = keys.entry.current.private_key;
  const store = await open_store({ path: path.join(data_dir, 'store.db'), entry_key });
  opened.push(() => store.close());
  const now = createClock(system_clock, await lastCommitted(store));
  const audit = await openAudit({ store, keys, data_dir, origin, now, log });
  opened.push(() => audit.close());
  const metrics = createMetrics();
  const meter = createMeter(metrics);
  const events = createEvents({ sealer: audit.sealer, meter, log });
  return { data_dir, store, now, audit, metrics, meter, events };
}

type Durable = Awaited<ReturnType<typeof openDurable>>;

/** What decides: policy, people, agents and accepted tools, as one snapshot with one number, and how it changes. */
async function openRule(
  { config, config_file, log }: StartOptions,
  { store, events, now, audit }: Durable,
  { base_dir, rule, agreed }: AtStart & { readonly base_dir: string },
) {
  const late: { authority?: Authority } = {};
  const authorityNow = (): Authority => {
    if (late.authority === undefined) throw new TypeError('the authority was asked before it existed');
    return late.authority;
  };
  const asked = askedLate();
  const pins = await loadAcceptedPins(store);
  const taken = await takenWhileStopped(store, config, now());
  const kept = await loadRoster(store);
  const roster = { ...kept, parted: [...kept.parted, ...taken] };
  const passkeys = await loadPinnedKeys(store, { entry_keys: verifyingKeys(audit.keys.entry), log });
  const changes = createChanges({ events, now, authority: authorityNow, world: { config, pins, roster } });
  const directory = directoryFor(config, roster, config_file);
  const left = await leftWhileStopped(store, { config, roster, directory });
  const marked = markedBy(rule, directory, now());
  const operators = rule ?? marked?.rule;
  const { source, folder: named } = policyPlace(config);
  const folder = path.resolve(base_dir, named);
  const first = await firstPolicy(store, { source, folder, agreed: agreed?.files });
  const policy = await openPolicy({
    kind: source,
    folder,
    ...(first === undefined ? {} : { first }),
    agree: asked.agree,
    withdrawn: () => asked.withdrawn('countersign.policy.change'),
    ready: asked.ready,
    changes,
    log,
    now,
  });
  const authority = await createAuthority(store, {
    policy: policy.source.current(),
    directory,
    ...(operators === undefined ? {} : { operators }),
    agents: createAgents(config),
    ticketing: createTicketSystems(config),
    pins,
    passkeys,
    duties: await loadDuties(store, now()),
    paused: await loadPaused(store),
  });
  late.authority = authority;
  const inForce = watchConfig({
    file: config_file,
    first: config,
    changes,
    agree: asked.agree,
    withdrawn: () => asked.withdrawn('countersign.config.change'),
    ready: asked.ready,
    rebuild: policy.rebuild,
    log,
    now,
  });
  return { authority, changes, policy, inForce, asked, marked, left, taken };
}

type Rule = Awaited<ReturnType<typeof openRule>>;

type Serving = {
  readonly agents: AgentDoor;
  readonly inForce: ConfigInForce;
  readonly base_dir: string;
  readonly contacts: Contacts;
};

function openProtocols(deps: Deps, { agents, inForce, base_dir, contacts }: Serving): readonly Protocol[] {
  const { authority, public_url, log, now } = deps;
  return createProtocols({
    admit: agents.admit,
    authorization: agents.authorization,
    pins: {
      accepted: (upstream, tool) => authority.current().pins.get(pinKey(upstream, tool)),
      see: createSeen(deps),
    },
    upstreams: () => inForce.current().upstreams,
    asksReason: (scope) => authority.current().policy.asksReason(scope),
    holdWait: (agent) => parseDuration(authority.current().agents.limitsOf(agent)?.hold_wait ?? '') ?? 0,
    limits: inForce.current().limits,
    contacts,
    public_url,
    log,
    now,
    base_dir,
  });
}

/** Channels, and the door each is opened with; nothing is carried to them before everything else is ready. */
async function openOutward(
  parts: ReachingParts & Pick<Durable, 'meter'>,
  { secrets, opened, outBy }: { readonly secrets: Secrets; readonly opened: Opened; readonly outBy: WaysOut },
) {
  const reaching = openReaching(parts);
  const { doorOf, close } = reaching.cards;
  const channels = await openChannels({ ...parts.config, doorOf, secret: secrets.open, outBy });
  opened.push(close, ...channels.map((channel) => channel.close));
  const told = parts.config.channels;
  const webhooks = await openWebhooks({
    ...parts.deps,
    config: () => told,
    secret: secrets.open,
    way: outBy('webhooks'),
    meter: parts.meter,
  });
  opened.push(webhooks.close);
  watchWebhooks({ webhooks, told, metrics: parts.metrics, now: parts.deps.now });
  const stopTelling = () => Promise.all([close(), webhooks.close()]);
  return { ...reaching, channels, webhooks, stopTelling };
}

/** Every start is on the record with what it started from, and raises the epoch: nothing older commits (I8). */
async function recordStart(
  { authority, events, now }: Deps,
  { policy, marked, left, taken }: Rule,
  config: Config,
): Promise<void> {
  const at = now();
  const { ref } = policy.source.current();
  const seats = endSeatsOf(left, authority.current().duties, at);
  await authority.change('start', (current) => ({
    next: { ...current, duties: seats.duties },
    steps: [
      ...keepPolicy(ref, policy.source.files(), at),
      keepSource(policy.kind),
      keepConfig(config),
      ...endSessionsOf(left, at),
      ...seats.steps,
      ...leftSteps(left, current.epoch + 1),
      ...takenSteps(taken),
      ...(marked === undefined ? [] : [marked.step]),
    ],
    entries: (epoch) => {
      const predicate = {
        change: 'gateway started',
        config_digest: digestOf(config),
        policy_digest: ref.digest,
      };
      const started = { kind: 'system', task_id: 'gateway', predicate } as const;
      const first = marked === undefined ? [] : [operatorsRecord(marked.predicate)];
      return [started, ...first, ...seats.records].map(
        (record) => events.authorityChanged({ ...record, at, epoch }).entry,
      );
    },
  }));
}

/** What the gateway itself holds is known by value; what is large is masked on a thread of its own. */
function openMasking(secrets: Iterable<KnownSecret>, log: Log) {
  const known = createKnownSecrets(secrets);
  const apart = createApart({ known, onTrouble: (why) => log.error({}, why) });
  return { masking: createMasking(known, builtInDetectors(), apart), apart };
}

async function isNobodySignedIn(store: Store, now: number): Promise<boolean> {
  const sql = 'SELECT 1 FROM sessions WHERE revoked_at IS NULL AND expires_at > $1 LIMIT 1';
  return (await store.read({ sql, params: [now] })).length === 0;
}
