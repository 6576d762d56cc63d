// What the demo takes from a file of somebody's own, and what it says of one it cannot take.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadConfig } from '../../../config/config.ts';
import { ConfigError } from '../../../config/source.ts';
import { answeringOf, callingOf, readChannels } from './file.ts';

let dir: string;
before(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'countersign-own-'));
});
after(() => rmSync(dir, { recursive: true, force: true }));

const SLACK = `channels:
  slack:
    app_id: A0123456789
    bot_token: file:./slack/bot-token
    signing_secret: env:SLACK_SIGNING_SECRET
    workspaces: [T0123456789]
    to: [C0123456789]
`;
const TEAMS = `channels:
  teams:
    app_id: 8a1c2b3d-0000-4000-8000-000000000000
    tenant: 9b2d3c4e-0000-4000-8000-000000000000
    client_secret: env:TEAMS_CLIENT_SECRET
`;
const written = (text: string) => {
  writeFileSync(path.join(dir, 'own.yaml'), text);
  return readChannels('own.yaml', dir);
};
function problems(text: string, file = 'own.yaml'): readonly string[] {
  writeFileSync(path.join(dir, 'own.yaml'), text);
  try {
    readChannels(file, dir);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, key, message }) => `${line} ${key}: ${message}`);
  }
}

describe('channels of one’s own in the demo', () => {
  it('are taken as they stand, with secrets in files beside the file that names them', () => {
    const own = written(`public_url: https://try.example.com/\n${SLACK}`);
    assert.deepEqual(own.section, {
      slack: {
        app_id: 'A0123456789',
        bot_token: `file:${path.join(dir, 'slack/bot-token')}`,
        signing_secret: 'env:SLACK_SIGNING_SECRET',
        workspaces: ['T0123456789'],
        to: ['C0123456789'],
      },
    });
    assert.equal(own.public_url, 'https://try.example.com');
    assert.equal(written(SLACK).public_url, undefined, 'said nowhere, it is the demo’s own');
  });

  it('know who can answer from there, and which service must reach this machine for it', () => {
    const table = [
      [SLACK, ['slack'], ['slack']],
      [SLACK.replace('signing_secret', 'app_token'), ['slack'], []],
      [TEAMS, ['teams'], ['teams']],
      ['channels: { mail: { server: "127.0.0.1:25", from: a@b.test, to: c@d.test } }\n', [], []],
    ] as const;
    for (const [text, answering, calling] of table) {
      const own = written(text);
      assert.deepEqual([answeringOf(own), callingOf(own)], [answering, calling], text);
    }
  });

  it('are refused in the words of `countersign check`, with their lines', () => {
    const wrong = SLACK.replace('A0123456789', 'B1').replace('workspaces: [T0123456789]', 'workspace: [T0]');
    const asChecked = (() => {
      writeFileSync(path.join(dir, 'own.yaml'), wrong);
      try {
        return loadConfig(path.join(dir, 'own.yaml'));
      } catch (error) {
        return error instanceof ConfigError ? error.problems : error;
      }
    })();
    assert.throws(
      () => readChannels('own.yaml', dir),
      (error: ConfigError) => {
        assert.deepEqual(error.problems, asChecked);
        assert.ok(error.problems.length >= 2);
        return true;
      },
    );
  });

  it('stand alone: what counts for nothing there is not believed to count', () => {
    assert.deepEqual(problems(`${SLACK}people: {}\npolicy: ./policy\n`), [
      '8 people: counts for nothing in the demo, which has its own; leave channels, and public_url if it is needed',
      '9 policy: counts for nothing in the demo, which has its own; leave channels, and public_url if it is needed',
    ]);
    assert.deepEqual(problems('public_url: https://try.example.com\n'), [
      '0 channels: is missing; docs/slack.md and docs/teams.md show one',
    ]);
    assert.deepEqual(problems('', 'none.yaml'), [
      '0 : there is no such file; docs/slack.md and docs/teams.md show one',
    ]);
  });
});
