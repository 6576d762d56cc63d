/**
 * Mail: a notice with a link, one for each request and address. It takes no answers, so nothing it is sent proves anything
 * about anybody, and it never asks the door. A mail that may have arrived is sent again under the same Message-ID.
 */
import { readFileSync } from 'node:fs';
import type { Transporter } from 'nodemailer';
import { createRateLimit, type RateLimit } from '../../limits/rate.ts';
import { type Channel, type ChannelHealth, type ChannelParts, ChannelTrouble } from '../channel.ts';
import { MAIL_ADDRESS, type MailConfig } from './config.ts';
import { draw, drawNotice, type Letter } from './draw.ts';

const KIND = 'mail';
const OVER = '.over';
const CONNECT_TIMEOUT_MS = 10_000;
const SEND_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 2;
const ADDRESSES_COUNTED = 10_000;
/** Finals that were sent by this process; others carry the same Message-ID. */
const FINALS_REMEMBERED = 10_000;

type Mailing = {
  readonly config: MailConfig;
  readonly transporter: Transporter;
  readonly rate: RateLimit;
  readonly now: () => number;
  /** Of Message-IDs: the gateway's own name. */
  readonly host: string;
};

export async function open(
  config: MailConfig,
  { door, secret }: Pick<ChannelParts, 'door' | 'secret'>,
): Promise<Channel> {
  const transporter = await transporterOf(config, secret);
  const per_hour = {
    burst: config.per_hour,
    per_second: config.per_hour / 3_600,
    keys_max: ADDRESSES_COUNTED,
  };
  const { now } = door;
  const host = new URL(door.public_url).hostname;
  const mailing: Mailing = { config, transporter, rate: createRateLimit(per_hour, now), now, host };
  let health: ChannelHealth = { ok: true, says: 'No mail was sent yet.' };
  const finals = new Set<string>();
  const sending = async (letter: Letter, to: string, id: string): Promise<void> => {
    try {
      await send(mailing, { letter, to, id });
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
    async post(card, to) {
      const address = addressOf(to);
      if (address === undefined) throw new ChannelTrouble('The place is not one e-mail address.', 'never');
      // It is over before anybody was told: there is nothing to ask for. Broken glass asks for nothing, and must be heard of.
      if (card.status === 'pending' || card.glass_open === true)
        await sending(draw(card, now()), address, card.id);
      return address;
    },
    async update(card, posted) {
      // However often it was asked about there, it is over once.
      const final = `${card.request_id} ${posted}`;
      if (!config.final || card.status === 'pending' || finals.has(final)) return;
      await sending(draw(card, now()), posted, `${card.id}${OVER}`);
      finals.add(final);
      const [oldest] = finals.size > FINALS_REMEMBERED ? finals : [];
      if (oldest !== undefined) finals.delete(oldest);
    },
    async say(notice, to) {
      const address = addressOf(to);
      if (address === undefined) throw new ChannelTrouble('The place is not one e-mail address.', 'never');
      await sending(drawNotice(notice), address, notice.id);
    },
    health: () => health,
    async close() {
      transporter.close();
    },
  };
}

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
type Sending = { readonly letter: Letter; readonly to: string; readonly id: string };

async function send(
  { config, transporter, rate, host }: Mailing,
  { letter: { subject, text, html }, to, id }: Sending,
): Promise<void> {
  const wait_s = rate.take(to.toLowerCase());
  if (wait_s > 0)
    throw new ChannelTrouble(
      'More mails to one address than channels.mail.per_hour.',
      'later',
      wait_s * 1_000,
    );
  const first = id.endsWith(OVER) ? `<${id.slice(0, -OVER.length)}@${host}>` : undefined;
  try {
    await transporter.sendMail({
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
    });
  } catch (error) {
    throw troubleOf(error);
  }
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
