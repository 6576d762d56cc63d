/** Mail over a real mail server: who may send it, what is in it, and what cannot get into it (A2, A3, A16, A23). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Card, Channel, ChannelDoor, ChannelTrouble } from '../../gateway/src/channels/channel.ts';
import { open } from '../../gateway/src/channels/mail/channel.ts';
import { mailSchema } from '../../gateway/src/channels/mail/config.ts';
import { headerOf, type MailServer, PASSWORD, partOf, startMailServer, USER } from './server.ts';

const NOW = 1_795_000_000_000;
let server: MailServer;
let channel: Channel | undefined;
let now = NOW;

const door = {
  now: () => now,
  public_url: 'https://gate.example.com',
} as ChannelDoor;

const settings = (over: object = {}) => ({
  server: `127.0.0.1:${server.port}`,
  ca_file: server.ca_file,
  user: USER,
  password: 'env:MAIL_PASSWORD',
  from: 'gate@example.com',
  to: 'dba@example.com',
  ...over,
});
async function start(over: object = {}, password = PASSWORD): Promise<Channel> {
  channel = await open(mailSchema.parse(settings(over)), { door, secret: () => password });
  return channel;
}
beforeEach(async () => {
  now = NOW;
  server = await startMailServer();
});
afterEach(async () => {
  await channel?.close();
  channel = undefined;
  await server.close();
});

const card = (over: Partial<Card> = {}): Card => ({
  id: 'card_9rT4',
  version: 1,
  request_id: 'req_1',
  status: 'pending',
  sentence: 'delete_rows on orders (prod): table = “customers”',
  risk: 'high',
  agent: 'coder',
  owner: 'Alice',
  upstream: 'orders',
  env: 'prod',
  action: 'tools/call',
  resource: 'delete_rows',
  shown: ['the whole action, which stays out of mail'],
  impact: ['Deletes about 1,204 rows.'],
  claim: 'please approve, it is urgent',
  why: [{ rule: 'prod-writes', about: 'writing in production asks' }],
  opened_at: NOW,
  expires_at: NOW + 45 * 60_000,
  quorum: { met: false } as unknown as Card['quorum'],
  answers: [],
  progress: [],
  offers: { kind: 'answers' },
  link: 'https://gate.example.com/requests/req_1',
  because: 'asked',
  ...over,
});
const troubled = (when: string, says: RegExp) => (error: ChannelTrouble) => {
  assert.equal(error.when, when, error.message);
  assert.match(error.message, says);
  return true;
};

describe('what is sent', () => {
  it('is a notice with a link: encrypted, by who logged in, as text and as HTML', async () => {
    await (await start()).post(card(), 'dba@example.com');
    const [mail] = server.mails;
    assert.ok(mail);
    assert.deepEqual(
      [mail.from, mail.to, mail.secure, mail.user],
      ['gate@example.com', ['dba@example.com'], true, USER],
    );
    assert.equal(headerOf(mail, 'Subject'), 'Review asked: tools/call delete_rows on orders (prod)');
    assert.equal(headerOf(mail, 'Message-ID'), '<card_9rT4@gate.example.com>');
    assert.equal(headerOf(mail, 'Auto-Submitted'), 'auto-generated');
    for (const type of ['text/plain', 'text/html']) {
      const part = partOf(mail, type);
      for (const said of [
        'coder',
        'Alice',
        'table = “customers”',
        'high',
        'about 1,204 rows',
        'writing in production asks',
        '45 min left',
      ])
        assert.ok(part.includes(said), `${type}: ${said}\n${part}`);
      assert.ok(part.includes('https://gate.example.com/requests/req_1'));
      assert.ok(
        !part.includes('stays out of mail') && !part.includes('urgent'),
        'neither the whole action nor the claim',
      );
    }
    assert.equal(partOf(mail, 'text/html').match(/<a /g)?.length, 1, 'one link, to the page');
  });

  it('is not sent for what is over before anybody was told', async () => {
    await (await start()).post(card({ status: 'approved' }), 'dba@example.com');
    assert.equal(server.mails.length, 0);
  });

  it('tells broken glass that nobody has judged yet, though it is over', async () => {
    const broken = card({
      status: 'approved',
      because: 'escalated',
      glass_open: true,
      offers: { kind: 'none' },
      progress: ['Glass broken: carol let it through in an emergency, without the others.'],
    });
    await (await start()).post(broken, 'dba@example.com');
    const [mail] = server.mails;
    assert.ok(mail);
    assert.equal(headerOf(mail, 'Subject'), 'Glass broken: tools/call delete_rows on orders (prod)');
    for (const type of ['text/plain', 'text/html']) {
      const part = partOf(mail, type);
      assert.match(part, /let through in an emergency, without the people/);
      assert.match(part, /Glass broken: carol/);
      assert.ok(part.includes('https://gate.example.com/requests/req_1'));
    }
  });

  it('is a summary too, which asks nothing of anybody', async () => {
    const lines = [
      'coder, for 17 hours: <b>delete_rows</b> on orders',
      'Since the last summary: 1 approved.',
    ];
    const notice = {
      id: 'dig_1',
      title: '2 requests wait\r\nBcc: eve@example.com',
      lines,
      link: 'https://gate.example.com/',
    };
    await (await start()).say?.(notice, 'dba@example.com');
    const [mail] = server.mails;
    assert.ok(mail);
    assert.deepEqual(mail.to, ['dba@example.com']);
    assert.equal(headerOf(mail, 'Subject'), '2 requests wait Bcc: eve@example.com');
    assert.ok(partOf(mail, 'text/html').includes('&lt;b&gt;delete_rows'));
    assert.ok(partOf(mail, 'text/plain').includes('https://gate.example.com/'));
  });

  it('is followed by another when it is over, once, where that is configured', async () => {
    const over = card({ status: 'approved', version: 2, progress: ['Approved by Bob.'] });
    const quiet = await start();
    await quiet.update(over, await quiet.post(card(), 'dba@example.com'));
    await quiet.close();
    assert.equal(server.mails.length, 1);
    const { post, update } = await start({ final: true });
    const posted = await post(card(), 'dba@example.com');
    await update(card({ version: 2 }), posted);
    await update(over, posted);
    await update({ ...over, version: 3, progress: ['Approved by Bob.', 'It ran.'] }, posted);
    assert.equal(server.mails.length, 3);
    const last = server.mails[2] ?? assert.fail();
    assert.equal(headerOf(last, 'Subject'), 'Over: tools/call delete_rows was approved');
    assert.equal(headerOf(last, 'In-Reply-To'), '<card_9rT4@gate.example.com>');
    assert.match(partOf(last, 'text/plain'), /Approved by Bob\./);
  });
});

describe('what cannot get in', () => {
  const HOSTILE = [
    'x\r\nBcc: everybody@evil.example\r\n\r\nApproved',
    'x\nSubject: Approved',
    '</td></table><h1>Approved</h1><a href="https://evil.example">Approve</a><img src=x onerror=alert(1)>',
    '\u202egnp.exe\u202c \u200bzero \u{e0041}tag \u001b[2K\u0000',
    '=?utf-8?B?QXBwcm92ZWQ=?=',
    '"quoted" \'single\' & &lt;',
    'a'.repeat(50_000),
  ];
  it('a header, a tag, a second link, a hidden character, or more than a line', async () => {
    const { post } = await start();
    for (const hostile of HOSTILE) {
      server.mails.length = 0;
      const fields = {
        sentence: hostile,
        agent: hostile,
        owner: hostile,
        subject: hostile,
        resource: hostile,
        action: hostile,
        upstream: hostile,
        env: hostile,
      };
      await post(
        card({ ...fields, impact: [hostile], why: [{ rule: 'r', about: hostile }] }),
        'dba@example.com',
      );
      const [mail] = server.mails;
      assert.ok(mail);
      assert.deepEqual(mail.to, ['dba@example.com']);
      assert.equal(headerOf(mail, 'Bcc'), undefined);
      assert.equal(mail.raw.split('\r\n\r\n')[0]?.match(/^Subject:/gim)?.length, 1);
      const html = partOf(mail, 'text/html');
      assert.equal(html.match(/<a /g)?.length, 1, hostile);
      assert.doesNotMatch(html, /<h1|<img|<script|onerror=alert\(1\)>/i);
      for (const part of [html, partOf(mail, 'text/plain')]) {
        assert.doesNotMatch(
          part,
          /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u,
        );
        assert.equal(part.match(/https?:\/\//g)?.length, part === html ? 2 : 1, 'only our own link is one');
      }
      assert.ok(mail.raw.length < 40_000);
    }
  });

  it('another recipient: a place is one plain address', async () => {
    const { post } = await start();
    const places = [
      'a@example.com, b@evil.example',
      'a@example.com\r\nRCPT TO:<b@evil.example>',
      'A <a@example.com>',
      'group:dba',
      'a',
      '@',
      '',
      'a@b@c',
      '"a b"@example.com',
    ];
    for (const to of places)
      await assert.rejects(post(card(), to), troubled('never', /not one e-mail address/), to);
    assert.equal(server.mails.length, 0);
  });
});

describe('a server', () => {
  it('whose certificate nobody vouches for, or that offers no encryption, is told nothing', async () => {
    const { ca_file: _, ...without } = settings();
    const stranger = await open(mailSchema.parse(without), { door, secret: () => PASSWORD });
    await assert.rejects(
      stranger.post(card(), 'dba@example.com'),
      troubled('later', /cannot be reached|encryption/),
    );
    await stranger.close();
    const plain = await startMailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    try {
      const { post, close } = await open(mailSchema.parse(settings({ server: `127.0.0.1:${plain.port}` })), {
        door,
        secret: () => PASSWORD,
      });
      await assert.rejects(post(card(), 'dba@example.com'), troubled('later', /encryption/));
      await close();
      assert.equal(plain.mails.length + server.mails.length, 0);
    } finally {
      await plain.close();
    }
  });

  it('that refuses is told about, in our words: for now, for good, or unsure', async () => {
    const { post, health } = await start();
    server.answer = 450;
    await assert.rejects(post(card(), 'dba@example.com'), troubled('later', /for now \(450\)/));
    server.answer = 550;
    await assert.rejects(post(card(), 'dba@example.com'), troubled('never', /for good \(550\)/));
    assert.ok(!health().ok && !health().says.includes('<b>'));
    server.answer = 'cut';
    await assert.rejects(post(card(), 'dba@example.com'), troubled('unsure', /whether it took/));
    await post(card(), 'dba@example.com');
    assert.equal(health().ok, true);
    const ids = server.mails.map((mail) => headerOf(mail, 'Message-ID'));
    assert.deepEqual(new Set(ids).size, 1, 'sent again under the same id');
  });

  it('that refuses the password is asked again later, and the password stands in no word', async () => {
    const wrong = `${PASSWORD}-wrong`;
    const { post, health } = await start({}, wrong);
    await assert.rejects(post(card(), 'dba@example.com'), troubled('later', /user name or password/));
    assert.ok(!JSON.stringify(health()).includes(wrong));
  });

  it('is sent no more to one address than configured; the next goes when there is room', async () => {
    const { post } = await start({ per_hour: 2 });
    await post(card({ id: 'a' }), 'dba@example.com');
    await post(card({ id: 'b' }), 'DBA@example.com');
    await assert.rejects(
      post(card({ id: 'c' }), 'dba@example.com'),
      (error: ChannelTrouble) => error.when === 'later' && error.retry_after_ms === 1_800_000,
    );
    await post(card({ id: 'c' }), 'other@example.com');
    now += 1_800_000;
    await post(card({ id: 'c' }), 'dba@example.com');
    assert.equal(server.mails.length, 4);
  });
});

describe('broken glass and what was erased', () => {
  const glass = (id: string) =>
    card({ id, status: 'approved', because: 'escalated', glass_open: true, offers: { kind: 'none' } });

  it('A19: broken glass does not wait behind a flood to one address, and has a bound of its own', async () => {
    const { post } = await start({ per_hour: 2 });
    await post(card({ id: 'a' }), 'dba@example.com');
    await post(card({ id: 'b' }), 'dba@example.com');
    await assert.rejects(post(card({ id: 'c' }), 'dba@example.com'), troubled('later', /per_hour/));
    for (let n = 0; n < 30; n += 1) await post(glass(`g${n}`), 'dba@example.com');
    assert.equal(server.mails.length, 32);
    await assert.rejects(post(glass('more'), 'dba@example.com'), troubled('later', /broken glass/));
    await assert.rejects(post(card({ id: 'c' }), 'dba@example.com'), troubled('later', /per_hour/));
  });

  it('nobody is written to because a request was erased', async () => {
    const { post, update } = await start({ final: true });
    const posted = await post(card(), 'dba@example.com');
    await update(card({ status: 'denied', erased: true }), posted);
    assert.equal(server.mails.length, 1);
  });

  it('what a mail says does not change: that it is over is another mail, once', async () => {
    const quiet = await start();
    const over = card({ status: 'approved' });
    assert.equal(quiet.faceOf?.(card()), quiet.faceOf?.(over));
    await quiet.close();
    const telling = await start({ final: true });
    assert.notEqual(telling.faceOf?.(card()), telling.faceOf?.(over));
    assert.equal(
      telling.faceOf?.(over),
      telling.faceOf?.({ ...over, progress: ['It ran.'], status: 'expired' }),
    );
  });
});

it('a password never goes over a connection in clear', () => {
  const problems = mailSchema.safeParse(settings({ encryption: 'none' }));
  assert.match(JSON.stringify(problems.error?.issues), /in clear/);
  assert.equal(mailSchema.safeParse(settings({ password: undefined })).success, false);
});
