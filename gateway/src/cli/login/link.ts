/** A one-time sign-in link, `https://gate.example.com/sign-in#cs_code_…`. The code stands after `#`, which no server sees. */
import { kindOf } from '../../identity/credential.ts';
import { UsageError } from '../verb.ts';

export type SignInLink = { readonly url: string; readonly code: string };

/** @throws UsageError that never repeats the link */
export function readLink(text: string): SignInLink {
  const trimmed = text.trim();
  const link = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  const code = link?.hash.slice(1) ?? '';
  if (link === undefined || kindOf(code) !== 'code')
    throw new UsageError(
      'that is not a sign-in link; one looks like https://gate.example.com/sign-in#cs_code_… and is good for ten minutes',
    );
  return { url: link.origin, code };
}
