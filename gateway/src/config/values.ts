/** The kinds of value the configuration is made of. */
import { z } from 'zod';
import { parseDuration } from './duration.ts';

export const id = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_.-]{0,63}$/,
    'must be 1–64 of a–z, 0–9, "_", ".", "-", starting with a letter or digit',
  )
  .meta({ title: 'id' });
export const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'must be a duration such as 30s, 10m or 2h')
  .meta({ title: 'duration' });
export const count = (most: number) => z.int().min(1).max(most);
