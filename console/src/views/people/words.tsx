/** People: where they come from, what they are, whether they may do anything. Who they are is their id, never their name. */
import type { Passkey, PersonSource, Reviewer } from '@countersign/sdk';
import { Mark } from '../../kit/mark.tsx';

export const SOURCES: { readonly [S in PersonSource]: string } = {
  configuration: 'countersign.yaml',
  oidc: 'their provider, at sign-in',
  scim: 'their provider, over SCIM',
};

export const PersonMark = ({ of }: { readonly of: Reviewer }) =>
  of.active ? (
    <Mark tone="green" shape="tick">
      Active
    </Mark>
  ) : (
    <Mark tone="soft" shape="dash">
      Inactive
    </Mark>
  );

/** What one can tell of somebody's passkeys at a glance: one waits, some count, or none. */
export function PasskeysMark({ of }: { readonly of: readonly Passkey[] }) {
  const pending = of.filter(({ status }) => status === 'pending').length;
  const active = of.filter(({ status }) => status === 'active').length;
  if (pending > 0)
    return (
      <Mark tone="amber" shape="half">
        {pending} to confirm
      </Mark>
    );
  if (active > 0)
    return (
      <Mark tone="green" shape="tick">
        {active}
      </Mark>
    );
  return <>none</>;
}
