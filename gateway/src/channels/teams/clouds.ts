/** Microsoft’s clouds: whose word counts, and the only places a token of the bot’s may ever be sent to (A26). */
import type { TeamsConfig } from './config.ts';

export type Cloud = {
  /** Issuer of the tokens Bot Framework sends with activities. */
  readonly issuer: string;
  readonly openid: string;
  /** Where the bot gets its own token. */
  readonly login: string;
  readonly scope: string;
  /** Where messages go before any activity came. */
  readonly service: string;
  /** Hosts an activity may name as its service URL, with the port where it is not the usual one. */
  readonly hosts: readonly string[];
};

const PUBLIC: Cloud = {
  issuer: 'https://api.botframework.com',
  openid: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  login: 'https://login.microsoftonline.com',
  scope: 'https://api.botframework.com/.default',
  service: 'https://smba.trafficmanager.net/teams',
  hosts: ['smba.trafficmanager.net'],
};
const GOVERNMENT: Omit<Cloud, 'service' | 'hosts'> = {
  issuer: 'https://api.botframework.us',
  openid: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
  login: 'https://login.microsoftonline.us',
  scope: 'https://api.botframework.us/.default',
};

const CLOUDS: Readonly<Record<TeamsConfig['cloud'], Cloud>> = {
  public: PUBLIC,
  gcc: {
    ...PUBLIC,
    service: 'https://smba.infra.gcc.teams.microsoft.com/gcc',
    hosts: ['smba.infra.gcc.teams.microsoft.com'],
  },
  gcch: {
    ...GOVERNMENT,
    service: 'https://smba.infra.gov.teams.microsoft.us/gcch',
    hosts: ['smba.infra.gov.teams.microsoft.us'],
  },
  dod: {
    ...GOVERNMENT,
    service: 'https://smba.infra.dod.teams.microsoft.us/dod',
    hosts: ['smba.infra.dod.teams.microsoft.us'],
  },
};

export function cloudOf({ cloud, endpoints }: Pick<TeamsConfig, 'cloud' | 'endpoints'>): Cloud {
  const known = CLOUDS[cloud];
  if (endpoints === undefined) return known;
  const { login, openid, service } = endpoints;
  return { ...known, login: bare(login), openid, service: bare(service), hosts: [new URL(service).host] };
}

/** The service URL an activity names, without its last slash; undefined when nothing may be sent there. */
export function serviceUrl(text: string, { hosts, service }: Cloud): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return undefined;
  if (url.protocol !== new URL(service).protocol || !hosts.includes(url.host)) return undefined;
  return bare(url.href);
}

const bare = (url: string): string => url.replace(/\/+$/, '');
