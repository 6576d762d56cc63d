/**
 * Mail: a notice with a link, one for each request and address. It takes no answers, so nothing it is sent proves anything
 * about anybody, and it never asks the door. A mail that may have arrived is sent again under the same Message-ID.
 */
import { readFileSync } from 'node:fs';
import type { Transporter } from 'nodemailer';
import { createRateLimit, type RateLimit } from '../../limits/rate.ts';
import {
  type Card,
  type Channel,
  type ChannelHealth,
  type ChannelParts,
  ChannelTrouble,
} from '../channel.ts';
import { MAIL_ADDRESS, type MailConfig } from './config.ts';
import { draw, drawNotice, type Letter } from './draw.ts';
import { createTurns, type Turns } from './turns.ts';

const KIND = 'mail';
const OVER = '.over';
const CONNECT_TIMEOUT_MS = 10_000;
const SEND_TIMEOUT_MS = 20_000;
const CONNECTIONS_MAX = 2;
/** A server may take its time before it greets, and again before it takes a mail. Given up earlier, it would be sent twice. */
const PATIENCE_MS = 60_000;
/** How long a mail waits for one of the connections: what was not begun by then is surely not sent. */
const TURN_MS = 15_000;
const HOUR_S = 3_600;
/** Mails of broken glass to one address in an hour: they do not count against `per_hour`, nor wait for it. */
const GLASS_PER_HOUR = 30;
const ADDRESSES_COUNTED = 10_000;
/** Finals that were sent by this process, of requests several cards were sent for; others carry the same Message-ID. */
const FINALS_REMEMBERED = 10_000;

type Mailing = {
  readonly config: MailConfig;
  readonly transporter: Transporter;
  readonly turns: Turns;
  readonly rates: { readonly [K in Sending['counts']]: RateLimit };
  readonly now: () => number;
  /** Of Message-IDs: the gateway's own name. */
  readonly host: string;
};

export async function open(
  config: MailConfig,
  { door, secret }: Pick<ChannelParts, 'door' | 'secret'>,
): Promise<Channel> {
  const transporter = await transporterOf(config, secret);
  const { now } = door;
  const perHour = (most: number): RateLimit =>
    createRateLimit({ burst: most, per_second: most / HOUR_S, keys_max: ADDRESSES_COUNTED }, now);
  const rates = { usual: perHour(config.per_hour), glass: perHour(GLASS_PER_HOUR) };
  const host = new URL(door.public_url).hostname;
  const turns = createTurns({ most: CONNECTIONS_MAX, wait_ms: TURN_MS, late: slowServer });
  const mailing: Mailing = { config, transporter, turns, rates, now, host };
  let health: ChannelHealth = { ok: true, says: 'No mail was sent yet.' };
  const finals = new Set<string>();
  const sending = async (mail: Sending): Promise<void> => {
    try {
      await send(mailing, mail);
      health = { ok: true, says: 'The last mail was taken.' };
    } catch (error) {
      const since = health.ok ? now() : health.since;
      health = {
        ok: false,
        since,
        says: error instanceof Error ? error.message : 'The last mail was not taken.',
      };
      throw error;
    }
  };
  return {
    kind: KIND,
    places: config.to === undefined ? [] : [config.to],
    placeOf: addressOf,
    cannotShow: () => 'A mail takes no answers.',
    faceOf: (card) => faceOf(card, config),
    patience_ms: PATIENCE_MS,
    async post(card, to) {
      const address = addressOf(to);
      if (address === undefined) throw new ChannelTrouble('The place is not one e-mail address.', 'never');
      // It is over before anybody was told: there is nothing to ask for. Broken glass asks for nothing, and must be heard of.
      if (card.status === 'pending' || card.glass_open === true)
        await sending({
          letter: draw(card, now()),
          to: address,
          id: card.id,
          counts: card.glass_open === true ? 'glass' : 'usual',
        });
      return address;
    },
    async update(card, posted) {
      // However often it was asked about there, it is over once.
      const final = `${card.request_id} ${posted}`;
      if (faceOf(card, config) === SENT || card.erased === true || finals.has(final)) return;
      await sending({ letter: draw(card, now()), to: posted, id: `${card.id}${OVER}`, counts: 'usual' });
      finals.add(final);
      const [oldest] = finals.size > FINALS_REMEMBERED ? finals : [];
      if (oldest !== undefined) finals.delete(oldest);
    },
    async say(notice, to) {
      const address = addressOf(to);
      if (address === undefined) throw new ChannelTrouble('The place is not one e-mail address.', 'never');
      await sending({ letter: drawNotice(notice), to: address, id: notice.id, counts: 'usual' });
    },
    health: () => health,
    async close() {
      transporter.close();
    },
  };
}

const slowServer = (): ChannelTrouble =>
  new ChannelTrouble('The mail server is slow: its connections are all in use.', 'later');

const SENT = 'sent';

/** A mail is what it was; only that it is over may be said by another, once. */
const faceOf = ({ status }: Card, { final }: MailConfig): string =>
  final && status !== 'pending' ? 'over' : SENT;

/** A person's account that is an address, with or without a kind before it. */
function addressOf(account: string): string | undefined {
  const bare = account.replace(/^e?mail:/, '');
  return MAIL_ADDRESS.test(bare) ? bare : undefined;
}

/** @throws Error naming the field when the password or the authority's file cannot be opened */
async function transporterOf(
  { server, encryption, ca_file, user, password }: MailConfig,
  secret: ChannelParts['secret'],
): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const at = server.lastIndexOf(':');
  const auth =
    user === undefined || password === undefined
      ? undefined
      : { user, pass: secret(password, 'channels.mail.password') };
  return createTransport({
    host: server.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(server.slice(at + 1)),
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    ...(auth === undefined ? {} : { auth }),
    tls: { minVersion: 'TLSv1.2', ...(ca_file === undefined ? {} : { ca: certificateOf(ca_file) }) },
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SEND_TIMEOUT_MS,
    // Nothing in a mail names a file or an address to fetch; nor can it.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function certificateOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`channels.mail.ca_file: cannot read ${file}`, { cause });
  }
}

/** `id`: of the Message-ID; what ends in `.over` follows the mail of the id before it. */
type Sending = {
  readonly letter: Letter;
  readonly to: string;
  readonly id: string;
  readonly counts: 'usual' | 'glass';
};

const OVER_RATE = {
  usual: 'More mails to one address than channels.mail.per_hour.',
  glass: `More than ${GLASS_PER_HOUR} mails of broken glass to one address in an hour.`,
} as const;

async function send(
  { config, transporter, rates, turns, host }: Mailing,
  { letter: { subject, text, html }, to, id, counts }: Sending,
): Promise<void> {
  const first = id.endsWith(OVER) ? `<${id.slice(0, -OVER.length)}@${host}>` : undefined;
  const mail = {
    from: { name: 'Countersign', address: config.from },
    to: { name: '', address: to },
    envelope: { from: config.from, to },
    subject,
    text,
    html,
    messageId: `<${id}@${host}>`,
    ...(first === undefined ? {} : { inReplyTo: first, references: first }),
    // No out-of-office comes back; no answer does (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
  await turns.run(async () => {
    const wait_s = rates[counts].take(to.toLowerCase());
    if (wait_s > 0) throw new ChannelTrouble(OVER_RATE[counts], 'later', wait_s * 1_000);
    try {
      await transporter.sendMail(mail);
    } catch (error) {
      throw troubleOf(error);
    }
  });
}

const REFUSED_FOR_GOOD = 500;

/** In our own words: what a server says may hold anything. */
function troubleOf(error: unknown): ChannelTrouble {
  const { code, responseCode, command } = error as {
    code?: unknown;
    responseCode?: unknown;
    command?: unknown;
  };
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  if (code === 'EAUTH')
    return new ChannelTrouble('The mail server refused the user name or password.', 'later');
  if (code === 'ETLS')
    return new ChannelTrouble('The mail server offers no encryption that can be used.', 'later');
  if (status !== undefined && status >= REFUSED_FOR_GOOD)
    return new ChannelTrouble(`The mail server refused the mail for good (${status}).`, 'never');
  if (status !== undefined)
    return new ChannelTrouble(`The mail server refused the mail for now (${status}).`, 'later');
  // It was there and hung up: the text may have been under way.
  if (code === 'ECONNECTION' || command === 'DATA')
    return new ChannelTrouble('The mail server hung up and did not say whether it took the mail.', 'unsure');
  return new ChannelTrouble('The mail server cannot be reached.', 'later');
}
