import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { packages } from './build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly license: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const folders = ['.', ...packages, 'console', 'conformance'];
const manifests = folders.map((folder) => JSON.parse(read(join(folder, 'package.json'))) as Manifest);
const ours = new Set(manifests.map((one) => one.name));

const direct = manifests.flatMap((one) =>
  Object.entries({ ...one.dependencies, ...one.devDependencies, ...one.optionalDependencies }).map(
    ([name, version]) => ({ name, version, by: one.name }),
  ),
);

for (const { name, version, by } of direct) {
  test(`${by} pins ${name} exactly`, () => assert.match(version, /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/));
}

test('docs/dependencies.md has a line for every direct dependency, and for nothing else', () => {
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]);
  const wanted = new Set(direct.map((one) => one.name).filter((name) => !ours.has(name)));
  assert.deepEqual([...new Set(rows)].sort(), [...wanted].sort());
  assert.equal(rows.length, new Set(rows).size, 'a dependency is listed twice');
});

test('nothing declares an install script: npm ci --ignore-scripts installs the same product', () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const scripted = Object.entries(lock.packages).filter(([, one]) => one.hasInstallScript);
  assert.deepEqual(
    scripted.map(([path]) => path),
    [],
  );
});

// npm writes only this machine's into a lock file it makes anew: the others are put back by hand (docs/decisions/0001).
test('the lock file pins the Node of every platform', () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version?: string; integrity?: string; optional?: boolean }>;
  };
  for (const [name, version] of Object.entries(manifests[0]?.optionalDependencies ?? {})) {
    const locked = lock.packages[`node_modules/${name}`];
    assert.equal(locked?.version, version, `${name} is not in package-lock.json`);
    assert.match(locked?.integrity ?? '', /^sha512-/, name);
    assert.equal(locked?.optional, true, name);
  }
});

test('the lock file names no registry host', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved": "https?:/);
  if (existsSync(join(root, 'conformance/package-lock.json'))) {
    assert.doesNotMatch(read('conformance/package-lock.json'), /"resolved": "https?:/);
  }
});

for (const folder of packages) {
  test(`${folder} is published with the licence, at the version the others ask for`, () => {
    assert.equal(read(join(folder, 'LICENSE')), read('LICENSE'));
    const manifest = JSON.parse(read(join(folder, 'package.json'))) as Manifest;
    assert.equal(manifest.license, 'Apache-2.0');
    const asked = direct.filter((one) => one.name === manifest.name);
    for (const one of asked) assert.equal(one.version, manifest.version, `${one.by} asks for ${one.version}`);
  });
}
