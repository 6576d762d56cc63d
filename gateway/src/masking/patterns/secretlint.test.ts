import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintSource } from '@secretlint/core';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import { CONTEXTS, createSampler, SECRET_SAMPLES } from '../testdata/samples.ts';
import { createPatternDetector } from './pattern.ts';
import {
  LEFT_OUT,
  nameOf,
  patternOf,
  SECRETLINT_CHARS_MAX,
  SECRETLINT_PATTERNS,
  TAKEN,
} from './secretlint.ts';
import { createSecretPatterns } from './secrets.ts';

const draw = createSampler(77);
const WORD = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const HEX = '0123456789abcdef';
const detector = createPatternDetector({
  name: 'secretlint',
  patterns: SECRETLINT_PATTERNS,
  hit_chars_max: SECRETLINT_CHARS_MAX,
});

/** One secret for each rule taken, so that an anchor that no longer fits its rule is noticed. */
const ONE_EACH: { readonly [rule: string]: string } = {
  '1password': `op${'s_'}${Buffer.from(JSON.stringify({ signInAddress: 'a.1password.com', userAuth: { method: 'SRPg-4096', alg: 'x', iterations: 1 }, secretKey: draw(WORD, 90) })).toString('base64')}`,
  anthropic: `sk${'-ant-'}api03-${draw(WORD, 93)}AA`,
  aws: `AWS_SECRET${'_ACCESS_KEY'}="${draw(WORD, 40)}"`,
  cloudflare: `cf${'ut_'}${draw(WORD, 40)}${'0'.repeat(8)}`,
  databricks: `da${'pi'}${draw(HEX, 32)}`,
  docker: `dckr${'_pat_'}${draw(WORD, 27)}`,
  github: `gh${'p_'}${draw(WORD, 36)}`,
  grafana: `gl${'sa_'}${draw(WORD, 32)}_${draw(HEX, 8)}`,
  groq: `gs${'k_'}${draw(WORD, 52)}`,
  'hashicorp-vault': `hv${'s.'}${draw(WORD, 95)}`,
  huggingface: `hf${'_'}${draw('abcdefghijklmnop', 34)}`,
  notion: `nt${'n_'}${draw('0123456789', 11)}${draw(WORD, 35)}`,
  npm: `np${'m_'}${draw(WORD, 36)}`,
  openai: `sk${'-'}${draw(WORD, 20)}T3Blbk${'FJ'}${draw(WORD, 20)}`,
  privatekey: `-----BEGIN ${'PRIVATE'} KEY-----\nMII${draw(WORD, 61)}\n${draw(WORD, 64)}\n-----END ${'PRIVATE'} KEY-----`,
  sendgrid: `S${'G.'}${draw(WORD, 22)}.${draw(WORD, 43)}`,
  shopify: `shp${'at_'}${draw(HEX, 32)}`,
  slack: `xo${'xb-'}${draw('0123456789', 12)}-${draw('0123456789', 12)}-${draw(WORD, 24)}`,
  stripe: `sk${'_live_'}${draw(WORD, 24)}`,
  tailscale: `ts${'key-auth-'}${draw(WORD, 12)}-${draw(WORD, 30)}`,
  vercel: `vc${'p_'}${draw(WORD, 40)}`,
};

/** Rules left out because a pattern of ours finds all they find. */
const COVERED: { readonly [rule: string]: string } = {
  figma: `fi${'gd_'}${draw(WORD, 43)}`,
  gitlab: `gl${'pat-'}${draw(WORD, 20)}`,
  linear: `lin${'_api_'}${draw(WORD, 40)}`,
};

for (const [name, secret] of Object.entries(COVERED)) {
  test(`secretlint: what ${name} finds, a pattern of ours does, also where only the rule's boundary allows it`, () => {
    assert.ok(LEFT_OUT[name]);
    const rule = rules.find((each) => nameOf(each) === name) ?? assert.fail(name);
    const theirs = createPatternDetector({
      name,
      patterns: [patternOf(rule, { label: name, anchors: [secret.slice(0, 4)] })],
      hit_chars_max: 0,
    });
    const ours = createSecretPatterns();
    for (const text of [secret, `x: ${secret} .`, `7${secret}`, `_${secret}`, `é${secret}`, `${secret}é`]) {
      for (const { start, end } of theirs.find(text)) {
        assert.equal(text.slice(start, end), secret);
        assert.ok(
          ours.find(text).some((hit) => hit.start <= start && hit.end >= end),
          text,
        );
      }
    }
    assert.equal(theirs.find(`7${secret}`).length, 1);
  });
}

test('secretlint: every rule of the preset is taken or left out, on purpose', () => {
  const known = new Set([...Object.keys(TAKEN), ...Object.keys(LEFT_OUT)]);
  assert.deepEqual(
    rules.map(nameOf).filter((name) => !known.has(name)),
    [],
    'decide: TAKEN or LEFT_OUT',
  );
  assert.deepEqual(
    [...known].filter((name) => !rules.map(nameOf).includes(name)),
    [],
    'no longer in the preset',
  );
  assert.deepEqual(Object.keys(ONE_EACH).sort(), Object.keys(TAKEN).sort());
});

for (const [rule, secret] of Object.entries(ONE_EACH)) {
  test(`secretlint: ${rule} is found past its anchor, whole, and with room around it`, () => {
    for (const [before, after] of [
      ['', ''],
      ['x: ', ' .'],
    ] as const) {
      const [hit] = detector.find(before + secret + after);
      assert.ok(hit, `the anchor of ${rule} does not fit`);
      const value = rule === 'aws' ? secret.slice(secret.indexOf('"') + 1, -1) : secret;
      assert.equal((before + secret + after).slice(hit.start, hit.end), value);
    }
  });
}

const BYPASSES = [
  '# secretlint-disable',
  '<!-- secretlint-disable -->',
  '// secretlint-disable-next-line',
  '/* secretlint-disable @secretlint/secretlint-rule-github */',
  '# secretlint-disable-line',
];

for (const comment of BYPASSES) {
  test(`secretlint: "${comment}" switches nothing off`, () => {
    const secret = ONE_EACH['github'] ?? '';
    for (const text of [`${comment}\n${secret}`, `${secret} ${comment}`]) {
      assert.deepEqual(
        detector.find(text).map(({ start, end }) => text.slice(start, end)),
        [secret],
      );
    }
  });
}

test('secretlint: the value is masked where it is, though the rule reports another range', () => {
  const value = draw(WORD, 40);
  const text = `export AWS_SECRET${'_ACCESS_KEY'}=${value} # rotate`;
  assert.deepEqual(
    detector.find(text).map(({ start, end }) => text.slice(start, end)),
    [value],
  );
});

test('secretlint: called directly, behind anchors, the rules find all that their own engine finds', async () => {
  const taken = rules.filter((rule) => TAKEN[nameOf(rule)] !== undefined);
  const config = { rules: taken.map((rule) => ({ id: rule.meta.id, rule, options: {} })) };
  const sample = createSampler(99);
  let found = 0;
  for (const { kind, secret, within = (text: string) => text } of SECRET_SAMPLES) {
    for (const { put } of CONTEXTS) {
      const content = put(within(secret(sample)));
      const source = { filePath: '/x/a.txt', content, contentType: 'text', ext: '.txt' } as const;
      const { messages } = await lintSource({ source, options: { config, noPhysicFilePath: true } });
      const ours = detector.find(content);
      for (const { range } of messages) {
        found += 1;
        assert.ok(
          ours.some((hit) => hit.start < range[1] && hit.end >= range[1]),
          `${kind}: ${content.slice(...range)}`,
        );
      }
    }
  }
  assert.ok(found > 50, `the engine found only ${found}`);
});
