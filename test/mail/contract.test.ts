/** What every channel owes, by mail: it can only tell and link. */
import { channelContract, type Driver, type Who } from '../../gateway/src/channels/contract.ts';
import { open } from '../../gateway/src/channels/mail/channel.ts';
import { mailSchema } from '../../gateway/src/channels/mail/config.ts';
import { headerOf, PASSWORD, partOf, startMailServer, USER } from './server.ts';

const KIND = 'mail';
const accountOf = (who: Who): string => `${KIND}:${who}@example.com`;

async function startMailDriver(): Promise<Driver> {
  const server = await startMailServer();
  return {
    kind: KIND,
    accounts: {
      alice: accountOf('alice'),
      bob: accountOf('bob'),
      carol: accountOf('carol'),
      stranger: accountOf('stranger'),
      foreign: accountOf('foreign'),
    },
    clicks: false,
    open: (parts) =>
      open(
        mailSchema.parse({
          server: `127.0.0.1:${server.port}`,
          ca_file: server.ca_file,
          user: USER,
          password: 'env:MAIL_PASSWORD',
          from: 'gate@example.com',
          to: 'everybody@example.com',
          per_hour: 100_000,
        }),
        { ...parts, secret: () => PASSWORD },
      ),
    reachedAt: () => undefined,
    // A mail program shows one mail for one Message-ID.
    seeCards: async () => {
      const seen = new Map(server.mails.map((mail) => [headerOf(mail, 'Message-ID') ?? '', mail]));
      return [...seen].map(([ref, mail]) => ({
        ref,
        text: `${headerOf(mail, 'Subject') ?? ''}\n${partOf(mail, 'text/plain')}`,
        buttons: ['link'] as const,
      }));
    },
    click: async () => '',
    redeliver: async () => undefined,
    goDown(how) {
      server.answer = how === 'refusing' ? 451 : 'silent';
    },
    comeUp() {
      server.answer = 'take';
      server.hangUp();
    },
    loseNextAnswer() {
      server.answer = 'cut';
    },
    posts: () => server.mails.length,
    sent: () =>
      server.mails
        .map((mail) => mail.raw + partOf(mail, 'text/plain') + partOf(mail, 'text/html'))
        .join('\n'),
    close: () => server.close(),
  };
}

channelContract('Mail', startMailDriver);
