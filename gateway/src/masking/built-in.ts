// Everything this gateway can find by itself; add detectors to find more.
import type { Detector } from './detector.ts';
import { createSecretPatterns } from './patterns/secrets.ts';
import { createPersonalPatterns } from './personal/personal.ts';

export function builtInDetectors(): readonly Detector[] {
  return [createSecretPatterns(), createPersonalPatterns()];
}
