/** A mail server that keeps what it is sent: it offers STARTTLS with a certificate of its own, and takes mail only from who logged in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { selfSigned } from './certificate.ts';

export type Mail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  /** As it came. */
  readonly raw: string;
};

export type MailServer = {
  readonly port: number;
  readonly ca_file: string;
  readonly mails: Mail[];
  /** What the next mails are answered: a code for the recipient, a cut after the text, or nothing for a while. */
  answer: number | 'take' | 'cut' | 'silent';
  /** Cuts every connection. */
  hangUp(): void;
  close(): Promise<void>;
};

export const USER = 'countersign';
export const PASSWORD = ['mail', 'password', 'for', 'tests'].join('-');

export async function startMailServer(over: SMTPServerOptions = {}): Promise<MailServer> {
  const dir = mkdtempSync(path.join(tmpdir(), 'countersign-mail-'));
  const { key, cert } = selfSigned();
  const ca_file = path.join(dir, 'ca.pem');
  writeFileSync(ca_file, cert);
  const server = new SMTPServer({
    key,
    cert,
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    onAuth({ username, password }, _session, done) {
      if (username === USER && password === PASSWORD) done(null, { user: username });
      else done(new Error('Invalid user name or password'));
    },
    onRcptTo(_address, _session, done) {
      if (typeof made.answer !== 'number') return done();
      done(Object.assign(new Error('mailbox says <b>no</b>'), { responseCode: made.answer }));
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (made.answer === 'silent') return;
        const { mailFrom, rcptTo } = session.envelope;
        made.mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user,
          raw: Buffer.concat(parts).toString(),
        });
        if (made.answer !== 'cut') return done();
        made.answer = 'take';
        for (const connection of server.connections) connection.close();
      });
    },
    ...over,
  });
  // A cut connection is what some tests want.
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const made: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    ca_file,
    mails: [],
    answer: 'take',
    hangUp() {
      for (const connection of server.connections) connection.close();
    },
    async close() {
      made.hangUp();
      await new Promise<void>((done) => server.close(done));
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return made;
}

/** The header’s value, unfolded. */
export const headerOf = ({ raw }: Mail, name: string): string | undefined =>
  new RegExp(`^${name}: ((?:.|\\r\\n[ \\t])*)`, 'im')
    .exec(raw.split('\r\n\r\n')[0] ?? '')?.[1]
    ?.replaceAll(/\r\n[ \t]/g, ' ');

/** The part of this type, decoded. */
export function partOf({ raw }: Mail, type: string): string {
  const part = raw.split(/\r\n--/).find((each) => each.includes(`Content-Type: ${type}`)) ?? '';
  const [head = '', ...rest] = part.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString();
  if (!/quoted-printable/i.test(head)) return body;
  const octets = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1').toString();
}
