/** States and risks as words, shapes and tones. One table each, so that amber means held wherever it is seen. */
import type { RequestStatus, Risk } from '@countersign/core';
import type { Shape, Tone } from '../kit/mark.tsx';

export type Worded = { readonly word: string; readonly tone: Tone; readonly shape: Shape };

export const REQUEST_WORDS: { readonly [S in RequestStatus]: Worded } = {
  pending: { word: 'Waiting', tone: 'amber', shape: 'half' },
  approved: { word: 'Approved', tone: 'green', shape: 'tick' },
  denied: { word: 'Denied', tone: 'red', shape: 'cross' },
  expired: { word: 'Expired', tone: 'soft', shape: 'dash' },
  cancelled: { word: 'Withdrawn', tone: 'soft', shape: 'dash' },
  failed: { word: 'Failed', tone: 'red', shape: 'cross' },
};

export const RISK_WORDS: { readonly [R in Risk]: Worded } = {
  low: { word: 'Low risk', tone: 'soft', shape: 'bars-1' },
  medium: { word: 'Medium risk', tone: 'ink', shape: 'bars-2' },
  high: { word: 'High risk', tone: 'red', shape: 'bars-3' },
  critical: { word: 'Critical risk', tone: 'red', shape: 'bars-4' },
};
