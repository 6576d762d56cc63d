/** What Slack's refusals mean for what was to be carried there. A code nobody knows is retried: it decides nothing. */
import { ChannelTrouble } from '../../channel.ts';

/** With the code Slack gave, where it gave one: `channel_not_found`. */
export class SlackTrouble extends ChannelTrouble {
  readonly code: string;
  constructor(
    code: string,
    said: { readonly message: string; readonly when: ChannelTrouble['when']; readonly after_ms?: number },
  ) {
    super(said.message, said.when, said.after_ms);
    this.code = code;
  }
}

/** Codes that will not go away by themselves, with what an operator can do. */
const FOR_OPERATORS: { readonly [code: string]: string } = {
  invalid_auth: 'the token is not valid; look at bot_token, app_token and api',
  not_authed: 'no token was sent; look at bot_token',
  account_inactive: 'the token belongs to a removed bot or workspace; install the app again',
  token_revoked: 'the token was revoked; install the app again',
  token_expired: 'the token has expired; turn token rotation off for this app, or install it again',
  not_allowed_token_type: 'this is another kind of token; bot_token begins with xoxb-, app_token with xapp-',
  missing_scope: 'the app lacks a permission; compare it with: countersign slack manifest',
  no_permission: 'the app may not do this; compare its permissions with: countersign slack manifest',
  channel_not_found: 'there is no such channel, or the app is not in it; invite it with /invite',
  not_in_channel: 'the app is not in this channel; invite it with /invite',
  is_archived: 'the channel is archived; take it out of the configuration',
  restricted_action: 'the workspace does not let apps post there',
  user_not_found: 'there is no such person in this workspace',
  users_not_found: 'there is no such person in this workspace',
  user_disabled: 'this person’s account is deactivated',
  cannot_dm_bot: 'a bot gets no direct messages',
  no_such_subteam: 'there is no such user group',
  plan_upgrade_required: 'user groups need a paid plan',
  access_denied: 'the workspace does not let this app in',
  ekm_access_denied: 'the workspace has suspended posting (EKM)',
  team_access_not_granted:
    'the app is not granted to this workspace; add it in the organisation’s app settings',
  org_login_required: 'the organisation’s workspace is not available to apps now',
  invalid_blocks: 'Slack took the card for malformed; please report this',
  msg_too_long: 'Slack took the card for too long; please report this',
  msg_blocks_too_long: 'Slack took the card for too long; please report this',
  metadata_too_large: 'Slack took the card’s metadata for too large; please report this',
};

export function refused(method: string, code: string, detail = ''): SlackTrouble {
  const known = Object.hasOwn(FOR_OPERATORS, code) ? FOR_OPERATORS[code] : undefined;
  const says = `Slack refused ${method}: ${code}${detail === '' ? '' : ` (${detail})`}`;
  if (known === undefined) return new SlackTrouble(code, { message: says, when: 'later' });
  return new SlackTrouble(code, { message: `${says}; ${known}`, when: 'never' });
}

export const tooFast = (method: string, after_ms: number): SlackTrouble =>
  new SlackTrouble('ratelimited', {
    message: `${method}: Slack takes no more of these for ${Math.ceil(after_ms / 1000)} s`,
    when: 'later',
    after_ms,
  });
