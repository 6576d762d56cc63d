/** What people call the services; one we do not know is called what the configuration calls it. */
const NAMES: { readonly [kind: string]: string } = { slack: 'Slack', teams: 'Microsoft Teams', mail: 'Mail' };
export const nameOf = (kind: string): string =>
  (Object.hasOwn(NAMES, kind) ? NAMES[kind] : undefined) ?? kind;
