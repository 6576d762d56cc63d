/**
 * Every point where the gateway writes: one table. Commands are named as they are committed; files by who writes them.
 * A test fails when a command is committed that is not here, or one is here that the story no longer reaches. Beside
 * each: what a crash there means.
 */
export const COMMANDS: { readonly [name: string]: string } = {
  // An action asked about.
  permit: 'before: nothing ran; after: it may have run, and recovery says unknown',
  refuse: 'it stays refused; only its entry may be missing',
  requestable: 'it stays refused; only its entry may be missing',
  'open-request': 'before: asked again, opened then; after: asked again, joined',
  redeem: 'before: the approval is whole; after: it is used, the run unknown, and nobody runs it again',
  end: 'before: unknown at the next start; after: the kept answer is given',
  delivered: 'before: an identical call gets the kept answer once more; nothing runs',
  recover: 'before: the next start does it; after: done',
  'end-approval': 'before: ended at the next call; after: ended',

  // People answer.
  'review-refused': 'the answer counts for nothing either way',
  'review-approve': 'before: the person answers again; after: told that they have answered',
  'review-resolve': 'before: still pending; after: approved, and the caller’s retry finds it',
  'review-deny': 'before: still pending; after: denied for good',
  reveal: 'before: nothing is shown; after: shown to the one on record',
  preview:
    'before: nothing was read; after: it may have been, and recovery says unknown; either way nobody waits for it',
  'preview-end': 'before: unknown at the next start; after: shown to who looks at the request',
  erase: 'before: all of it is there, and the person was not told otherwise; after: gone for good, on record',
  'use-grant':
    'before: the grant is whole; after: one use is taken, the run unknown, and an identical call asks people',
  'end-grant': 'before: still active, or ended at the next call; after: nothing more runs by it',
  'grant-expired': 'overdue either way: nothing can use it',
  'break-glass':
    'before: still pending; after: it may run once, its review is open, and the caller’s retry finds it',
  'break-glass-refused': 'it counts for nothing either way',
  'glass-acknowledged': 'before: the person says so again; after: it is known that they know',
  'glass-closed': 'before: open, and whoever judged it was not told otherwise; after: judged for good',
  revoke: 'before: still active, and the person was not told otherwise; after: nothing more runs',
  'request-cancelled': 'before: still pending; after: cancelled for good',
  'request-expired': 'overdue either way: nothing can approve it',
  'approval-expired': 'overdue either way: nothing can redeem it',

  // What decisions rest on.
  start: 'before: no gateway listens; after: the epoch is raised once more at the next start',
  policy: 'before: the old one holds; after: nothing is permitted under the old one',
  'policy-draft': 'a draft nobody was asked about yet; put down again when it is proposed again',
  config: 'before: the old one holds; after: nothing is permitted under the old one',
  'tool:*': 'before: the tool stays quarantined; after: accepted at the next start',
  'delegation:*': 'before: everyone answers for themselves; after: given, or taken back, at the next start',
  'passkey-challenge': 'a question nobody was asked is answered by nobody',
  'passkey:*': 'before: the key is what it was; after: enrolled, confirmed or revoked, as its entry says',
  operators: 'before: as many operators are needed as were; after: as many as was asked',
  'agreed:*':
    'before: the approval is whole, and whoever takes it up makes the change; after: made, and the approval used',
  'tool-seen': 'quarantined either way',

  // Agents come in.
  'over-rate': 'refused either way; of the flood only its entry may be missing',
  'agent-uses': 'people see that an agent last came in a minute earlier',

  // People come and go.
  'sign-in-link': 'no link without its entry; an entry without a link lets nobody in',
  'issue-sign-in-code': 'a code nobody was given lets nobody in',
  'sign-in': 'before: the code is whole; after: used, and its session unknown to everybody',
  'begin-sign-in': 'nobody was sent anywhere yet; what is stored lets nobody in and is swept away',
  'end-sign-in': 'before: the way back is whole; after: it is used, and the person begins again',
  'sign-in-refused': 'refused either way; only its entry may be missing',
  'person:*': 'before: as the provider said last; after: as it says now, served at the next start',
  'recheck-session': 'before: asked about again at once; after: again in half a minute',
  'session-rechecked': 'a refresh token that was used up and not kept ends the session when next asked about',
  'session-expired': 'its time is up either way',
  'delete-sign_in_codes': 'over either way',
  'delete-sign_in_flows': 'over either way',
  'session-seen': 'a session may look idle a minute longer',
  'revoke-session': 'before: the person was not told that it ended; after: ended',
  'idempotency-begin': 'the key frees itself after a minute',
  'idempotency-keep': 'the key frees itself after a minute; the change is found by looking',
  'idempotency-release': 'the key frees itself after a minute',

  // Requests are shown where people are.
  'begin-cards':
    'before: begun at the next start; after: the log is followed from there, and what waits is planned for',
  'plan-cards': 'before: planned at the next start; after: there is a card to be shown',
  'follow-cards': 'before: the next look does it; after: the card is to be shown, once',
  'lease-card': 'before: whoever looks next takes it; after: nobody does until the lease is over',
  'cards-abandoned': 'before: the next look does it; after: whoever looks next takes them',
  'card-version': 'before: nobody saw it; after: it may be there, and is looked for before it is posted',
  'settle-card': 'before: it is there, and shown once more: the channel finds it; after: known',
  'revive-card': 'before: still given up on; after: tried again',
  'forget-cards': 'the next look does it',
  'claim-digest': 'before: said at the next look; after: claimed, and lost for this once',
  'begin-link': 'no link without its row; a row nobody was sent a link of links nothing',
  'spend-link': 'before: the link is whole; after: used, and the person asks for another',

  // Others are told what happens.
  'webhooks-begin': 'before: begun at the next start; after: the log is followed from there',
  'webhooks-end': 'nobody is to be told either way',
  'follow-webhooks': 'before: the next look does it; after: each notice is there to be sent, once',
  'lease-notice': 'before: whoever looks next takes it; after: nobody does until the lease is over',
  'notice-delivered': 'before: sent once more under the same id; after: done',
  'notice-failed': 'before: tried again when the lease is over; after: when its time comes, or dead',
  'notices-abandoned': 'before: the next look does it; after: whoever looks next takes them',
  'replay-notices': 'before: still dead; after: tried again',
  'forget-notices': 'the next hour does it',
  'register-callback': 'before: the agent asks again; after: it is called when the request ends',

  // Ticket systems say, stop and hand over.
  'ticket-comment': 'before: said again; after: there, and may be there twice',
  'ticket-deny': 'before: still pending; after: refused for good, by the system',
  'ticket-late': 'it changed nothing either way; only its entry may be missing',
  'ticketing-over': 'refused either way; of the flood only its entry may be missing',
  'ticket-shown': 'before: nothing was handed out; after: it may have been, and may be asked about',
  'ticket-ask': 'a question nobody was asked counts against the hour',
  'ticket-question': 'a question nobody was asked is answered by nobody',
  'ticket-unasked': 'it counts for nothing either way; only its entry may be missing',
  'ticket-refused': 'before: the question is open still, until its time is up; after: it is closed',

  // The log.
  export: 'before: nothing is exported; after: on record',
  checkpoint: 'before: signed by the next pass; after: published by the next pass',
  'index-entries': 'the next pass does it',
  'count-rule-hits': 'the next look does it',

  // People look.
  'history-anew': 'before: the older build’s history is still there; after: it is made anew from the log',
  'follow-calls': 'before: the next look does it; after: the history has it, once',
  'index-again': 'before: the next look does it; after: goes on from there',
  'move-index': 'before: the next look does it; after: goes on from there',
  'request-seen': 'nobody can say how long a person looked',
  'save-search': 'a person’s own: before: saved again; after: there',
  'remove-search': 'a person’s own: before: removed again; after: gone',
};

/** A tool's acceptance is named after the tool, what people agreed to after what it is, what becomes of a seat after its delegation, of a passkey after the key. */
export const pointOf = (command: string): string =>
  command.replace(/^(agreed|tool|delegation|person|passkey):.*/s, '$1:*');
