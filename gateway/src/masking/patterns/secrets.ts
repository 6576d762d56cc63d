// All secret patterns as one detector, so that one pass finds where any of them can be: vendors' prefixes, vendors' own
// rules, public forms, and values their names give away.
import type { Detector } from '../detector.ts';
import { assigned } from './assigned.ts';
import { DISCORD } from './discord.ts';
import { createPatternDetector, type Pattern, shaped } from './pattern.ts';
import { PROVIDERS } from './providers.ts';
import { SECRETLINT_CHARS_MAX, SECRETLINT_PATTERNS } from './secretlint.ts';
import { SHAPE_CHARS_MAX, SHAPES } from './shapes.ts';

/** One of these is in every secret name that labels.ts knows. */
const NAME_ANCHORS = [
  'pass',
  'pwd',
  'secret',
  'token',
  'key',
  'connection',
  'auth',
  'cookie',
  'credential',
  'session',
  'otp',
  'mfa',
  'security',
  'recovery',
  'backup',
  'seed',
  'mnemonic',
];

export const SECRET_PATTERNS: readonly Pattern[] = [
  ...[...SHAPES, ...PROVIDERS].map(shaped),
  DISCORD,
  assigned('secret', NAME_ANCHORS),
];

/** Equal while the same is looked for, as far as it stands in tables. */
export const SECRET_FORMS: string = JSON.stringify([SHAPES, PROVIDERS, SECRET_PATTERNS, NAME_ANCHORS]);

export function createSecretPatterns(): Detector {
  return createPatternDetector({
    name: 'secret-patterns',
    patterns: [...SECRET_PATTERNS, ...SECRETLINT_PATTERNS],
    hit_chars_max: Math.max(SHAPE_CHARS_MAX, SECRETLINT_CHARS_MAX),
  });
}
