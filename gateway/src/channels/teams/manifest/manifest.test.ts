/** The app package: what Teams’ schema limits, icons of the sizes it wants, and a zip that any reader opens. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { crc32, inflateRawSync, inflateSync } from 'node:zlib';
import { colorIcon, outlineIcon } from './icons.ts';
import { appPackage, manifestOf } from './manifest.ts';

const PARTS = {
  app_id: '8a1c2b3d-0000-4000-8000-000000000000',
  url: 'https://gate.example.com',
  name: 'Countersign',
  version: '1.0.0',
};

test('the manifest asks for what the bot uses', () => {
  assert.deepEqual(manifestOf(PARTS), {
    $schema: 'https://developer.microsoft.com/json-schemas/teams/v1.22/MicrosoftTeams.schema.json',
    manifestVersion: '1.22',
    version: '1.0.0',
    id: PARTS.app_id,
    developer: {
      name: 'Countersign',
      websiteUrl: PARTS.url,
      privacyUrl: PARTS.url,
      termsOfUseUrl: PARTS.url,
    },
    name: { short: 'Countersign', full: 'Countersign' },
    description: {
      short: 'Review what AI agents ask to do, where you work.',
      full: 'Shows what an AI agent asks to do before it is done, and takes the answer of those who may give it. It answers to buttons and to a few words: link, waiting, place, help. It reads nothing else that is written.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#1F3A5F',
    bots: [
      {
        botId: PARTS.app_id,
        scopes: ['personal', 'team', 'groupChat'],
        supportsFiles: false,
        isNotificationOnly: false,
        commandLists: [
          {
            scopes: ['personal', 'team', 'groupChat'],
            commands: [
              { title: 'link', description: 'Make this account yours in Countersign' },
              { title: 'waiting', description: 'List what waits for you' },
              { title: 'place', description: 'Say what this place is called in the configuration' },
              { title: 'help', description: 'Say what can be written here' },
            ],
          },
        ],
      },
    ],
    permissions: ['identity', 'messageTeamMembers'],
    validDomains: ['gate.example.com'],
    defaultInstallScope: 'team',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
  });
});

test('nothing in it is longer than Teams takes', () => {
  const { description, name, bots } = manifestOf(PARTS) as {
    description: { short: string; full: string };
    name: { short: string };
    bots: { commandLists: { commands: { title: string; description: string }[] }[] }[];
  };
  assert.ok(description.short.length <= 80 && description.full.length <= 4_000 && name.short.length <= 30);
  const commands = bots[0]?.commandLists[0]?.commands ?? [];
  assert.ok(commands.length > 0 && commands.length <= 10);
  for (const { title, description: about } of commands) assert.ok(title.length <= 32 && about.length <= 128);
});

for (const [name, icon, size, ground] of [
  ['color', colorIcon(), 192, [0x1f, 0x3a, 0x5f, 255]],
  ['outline', outlineIcon(), 32, [255, 255, 255, 0]],
] as const)
  test(`the ${name} icon is a PNG of ${size} pixels`, () => {
    const bytes = Buffer.from(icon);
    assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [size, size]);
    const length = bytes.readUInt32BE(33);
    const pixels = inflateSync(bytes.subarray(41, 41 + length));
    assert.equal(pixels.length, size * (1 + size * 4));
    assert.deepEqual([...pixels.subarray(1, 5)], [...ground], 'the corner is ground');
    assert.ok(pixels.includes(255), 'and something is drawn');
    assert.equal(crc32(bytes.subarray(12, 29)), bytes.readUInt32BE(29));
  });

test('the zip says what is in it, and a reader agrees', (t) => {
  const bytes = Buffer.from(appPackage(manifestOf(PARTS)));
  assert.deepEqual(Buffer.from(appPackage(manifestOf(PARTS))), bytes, 'the same files, the same bytes');
  const [name, from] = [bytes.readUInt16LE(26), 30 + bytes.readUInt16LE(26)];
  assert.equal(bytes.toString('ascii', 30, 30 + name), 'manifest.json');
  const text = inflateRawSync(bytes.subarray(from, from + bytes.readUInt32LE(18)));
  assert.deepEqual(JSON.parse(text.toString('utf8')), manifestOf(PARTS));
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-zip-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'app.zip');
  writeFileSync(file, bytes);
  try {
    execFileSync('python3', [
      '-c',
      'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; assert z.namelist()==["manifest.json","color.png","outline.png"]',
      file,
    ]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return t.skip('there is no other reader here');
    throw error;
  }
});
