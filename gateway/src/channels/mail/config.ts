/** The `channels.mail` part of the configuration: a mail server, and who is written to. A mail tells and links; it never takes an answer (A16). */
import { z } from 'zod';
import { SECRET_REF } from '../../config/secrets.ts';
import { count } from '../../config/values.ts';

/** One plain address: no display name, no list, nothing that could be a header (CR, LF). */
export const MAIL_ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

const address = z.string().regex(MAIL_ADDRESS, 'must be one e-mail address, such as dba@example.com');

export const mailSchema = z
  .strictObject({
    server: z
      .string()
      .regex(
        /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/,
        'must be HOST:PORT, such as smtp.example.com:587',
      )
      .describe(
        'The mail server, `HOST:PORT`. It is reached wherever it is: a relay usually has a private address.',
      ),
    encryption: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        '`starttls`: must offer it, else nothing is sent. `tls`: from the first byte, usually port 465. `none`: in clear; a user name and password are then refused.',
      ),
    ca_file: z
      .string()
      .startsWith('/', 'must be the whole path of a file')
      .exactOptional()
      .describe(
        'PEM file, by its whole path, of the authority that signed the server’s certificate, when no public one did.',
      ),
    user: z.string().min(1).max(320).exactOptional().describe('User name at the mail server.'),
    password: z
      .string()
      .regex(SECRET_REF, 'must be `env:NAME` or `file:PATH`, never the password itself')
      .exactOptional()
      .describe('Password, by reference.'),
    from: address.describe('Who mails are from.'),
    to: address
      .exactOptional()
      .describe('Where requests go that no route sends elsewhere. Places in routes are `mail:ADDRESS`.'),
    final: z
      .boolean()
      .default(false)
      .describe(
        'True sends a second mail once a request is over. Mails cannot be changed once they are sent.',
      ),
    per_hour: count(100_000)
      .default(60)
      .describe(
        'Mails to one address: so many at once, then as many an hour. What comes beyond waits, the most urgent first, and is not sent when it is over by then. Broken glass neither waits nor counts: it has thirty of its own.',
      ),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['password'],
    message: 'must be given together with user',
  })
  .refine(({ user, encryption }) => user === undefined || encryption !== 'none', {
    path: ['encryption'],
    message: 'must not be `none` with a user name: the password would be sent in clear',
  });

export type MailConfig = z.infer<typeof mailSchema>;
