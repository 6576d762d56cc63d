/** The policy loader: a file a few edits away from a good one loads, or says where it is wrong; it never throws. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { configSchema, parseConfig } from '../../gateway/src/config/config.ts';
import { ConfigError, parseConfigSource } from '../../gateway/src/config/source.ts';
import { loadPolicy } from '../../gateway/src/policy/load.ts';
import { bindings } from '../../gateway/src/policy/testing/vectors.ts';
import { toolEvaluation } from './model/rig.ts';
import type { Target } from './target.ts';
import { nearly } from './texts.ts';

const GOOD = `version: 1
rules:
  - id: reads
    about: Reading is free
    on: mcp
    where: { class: [read], upstream: files }
    when: mcp.tool.startsWith("read_") && !("path" in mcp.args)
    then: allow
  - id: writes
    about: Writing asks two people
    on: mcp
    risk: high
    then: require
    approve: [{ by: "group:dba", count: 2 }]
    within: 60m
    valid: 10m
    with: { mask: [pii] }
`;
const folder = fileURLToPath(new URL('../../conformance/vectors/', import.meta.url));
const bad = (sub: string): readonly string[] =>
  globSync('*.yaml', { cwd: `${folder}${sub}` }).map((file) =>
    readFileSync(`${folder}${sub}/${file}`, 'utf8'),
  );

function loadsOrSays(text: string): void {
  const loaded = loadPolicy([{ path: 'p.yaml', text }], { bindings });
  if (loaded.ok) {
    const { effect } = loaded.policy.decide(toolEvaluation('write_file'));
    // P1, P4: nothing allows what it was not written to allow.
    if (effect === 'allow') assert.ok(loaded.policy.rules.some((rule) => rule.then === 'allow'));
    return;
  }
  assert.ok(loaded.problems.length > 0);
  for (const { file, line, message } of loaded.problems)
    assert.ok(file === 'p.yaml' && line >= 1 && message.length > 3, JSON.stringify({ file, line, message }));
}

function configLoadsOrSays(text: string): void {
  try {
    assert.ok(configSchema.safeParse(parseConfig(parseConfigSource('c.yaml', text))).success);
  } catch (error) {
    assert.ok(error instanceof ConfigError, `threw ${String(error)}`);
    for (const { line } of error.problems) assert.ok(line >= 0);
  }
}

export const policyTargets: readonly Target[] = [
  {
    name: 'policy-load',
    batch: 100,
    property: () => fc.property(nearly(fc.constantFrom(GOOD, ...bad('policy/bad'))), loadsOrSays),
  },
  {
    name: 'config-load',
    batch: 100,
    property: () => fc.property(nearly(fc.constantFrom(...bad('bad-input/config'))), configLoadsOrSays),
  },
];
