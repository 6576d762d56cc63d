/** What the HTTP API is handed, made of the parts `main` holds. Nothing here decides. */
import type { AdmitAccess } from '../api/access/access.ts';
import type { ApiPorts } from '../api/ports.ts';
import type { Audit } from '../audit/open.ts';
import type { Authority } from '../authority/authority.ts';
import type { Changes } from '../authority/changes.ts';
import { type BreakGlass, createBreakGlass } from '../break-glass/break-glass.ts';
import { countOpen } from '../break-glass/gauge.ts';
import { createNotices } from '../break-glass/notices.ts';
import { tellUnready } from '../break-glass/ready.ts';
import type { Cards } from '../cards/cards.ts';
import type { Linking } from '../cards/linking.ts';
import { createCatalog } from '../catalog.ts';
import type { Config } from '../config/config.ts';
import { parseDuration } from '../config/duration.ts';
import { createTokens } from '../credentials/tokens.ts';
import { createDelegations } from '../delegations/delegations.ts';
import type { Deps } from '../deps.ts';
import { createGrants } from '../grants/grants.ts';
import type { Looking } from '../history/history.ts';
import { ulid } from '../ids.ts';
import type { InForce } from '../in-force/policy.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { createPasskeys } from '../passkeys/keys.ts';
import { passkeySite } from '../passkeys/site.ts';
import { createPauses } from '../pauses/pauses.ts';
import type { Contacts } from '../protocols/contacts.ts';
import type { Requests } from '../requests/requests.ts';
import { createIdempotency } from '../store/idempotency.ts';
import { createTickets } from '../tickets/tickets.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { channelsFor } from './channels.ts';
import type { Operating } from './operating.ts';
import type { SigningIn } from './signing-in.ts';

export type Parts = {
  readonly deps: Deps;
  readonly config: () => Config;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly admit: AdmitAccess;
  readonly noteUses: () => Promise<void>;
  readonly requests: Requests;
  readonly history: Looking['history'];
  readonly searches: Looking['searches'];
  readonly signing: SigningIn;
  readonly policy: InForce;
  readonly changes: Changes;
  readonly operating: Operating;
  readonly contacts: Contacts;
  readonly cards: Cards;
  readonly linking: Linking;
  readonly webhooks: Webhooks;
};

export function apiPorts({
  deps,
  config,
  audit,
  metrics,
  admit,
  noteUses,
  requests,
  history,
  searches,
  signing,
  policy,
  changes,
  operating,
  contacts,
  cards,
  linking,
  webhooks,
}: Parts): ApiPorts {
  const { store, authority, now } = deps;
  return {
    requests,
    history,
    searches,
    sessions: signing.sessions,
    signIn: signing.signIn,
    people: operating.people,
    accounts: operating.accounts,
    provisioning: signing.provisioning,
    directory: () => authority.current().directory,
    passkeys: createPasskeys({ store, authority, changes, now, site: passkeySite(deps.public_url) }),
    channels: channelsFor(cards, linking),
    webhooks,
    tickets: createTickets({
      ...deps,
      requests,
      answersUpTo: () => config().channels.answers_up_to,
      providers: signing.providers,
    }),
    grants: createGrants(deps),
    breakGlass: openBreakGlass(deps, metrics, policy),
    delegations: createDelegations({
      store,
      authority,
      now,
      changes,
      lasts_max_ms: () => parseDuration(config().limits.delegation_max) ?? 0,
    }),
    pauses: createPauses({ ...deps, changes }),
    catalog: createCatalog({
      store,
      config,
      agents: () => authority.current().agents,
      paused: () => authority.current().paused,
      world: changes.world,
      directory: () => authority.current().directory,
      contacts,
      noteUses: () =>
        noteUses().catch((error: unknown) =>
          deps.log.warn({ error: String(error) }, 'when agents last came in could not be written'),
        ),
      now,
    }),
    tools: operating.tools,
    operators: operating.operators,
    policy: policy.shown,
    desk: operating.desk,
    log: audit.readerFor(deps),
    links: signing.links,
    idempotency: createIdempotency(deps),
    admit,
    tokens: createTokens({ keys: audit.keys.token, issuer: deps.public_url, now, id: () => ulid(now()) }),
    metrics,
    ready: () => ready(audit, authority),
    publicLog: audit.publicFile,
    now,
  };
}

function openBreakGlass(deps: Deps, metrics: Metrics, { source }: InForce): BreakGlass {
  const notices = createNotices((error) =>
    deps.log.error({ error: String(error) }, 'somebody could not be told of broken glass at once'),
  );
  countOpen({ store: deps.store, metrics, notices });
  const snapshot = () => deps.authority.current();
  tellUnready({ rules: () => source.current().rules, snapshot, metrics, log: deps.log });
  return createBreakGlass({ ...deps, notices });
}

/** Nor is a gateway ready that cannot serve what another one on its store put in force. */
async function ready(audit: Pick<Audit, 'ready'>, authority: Authority): ReturnType<Audit['ready']> {
  const why = authority.trouble();
  const found = await audit.ready();
  if (why === undefined) return found;
  return { ready: false, why: [why, ...(found.ready ? [] : found.why)] };
}
