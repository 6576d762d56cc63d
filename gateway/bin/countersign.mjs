#!/usr/bin/env node
// @ts-check
// `countersign`, as published and as linked in a clone. It must parse on any Node that knows modules,
// so that an old one is told what is needed instead of shown a stack; all else is in src/cli.
import { existsSync } from 'node:fs';

const nodeNeeded = 26;

// In a clone the sources are here: the launcher runs them under the pinned Node, whatever this one is.
const sources = new URL('../src/cli/main.ts', import.meta.url);
const launcher = new URL('../../tools/launch.mjs', import.meta.url);

if (existsSync(sources) && existsSync(launcher)) {
  process.argv.splice(2, 0, 'cli');
  await import(launcher.href);
} else if (Number.parseInt(process.versions.node, 10) >= nodeNeeded) {
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
} else {
  console.error(
    `countersign needs Node.js ${nodeNeeded} or newer; this is ${process.versions.node} (${process.execPath}).`,
  );
  console.error('Get it from https://nodejs.org/en/download');
  process.exitCode = 1;
}
