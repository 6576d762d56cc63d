// Our own secret patterns as one detector: vendors' prefixes, public forms, and values their names give away.
import type { Detector } from '../detector.ts';
import { assigned } from './assigned.ts';
import { createPatternDetector, type Pattern, shaped } from './pattern.ts';
import { PROVIDERS } from './providers.ts';
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
  assigned('secret', NAME_ANCHORS),
];

export function createSecretPatterns(): Detector {
  return createPatternDetector({
    name: 'secret-patterns',
    patterns: SECRET_PATTERNS,
    hit_chars_max: SHAPE_CHARS_MAX,
  });
}
