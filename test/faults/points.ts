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
  erase: 'before: all of it is there, and the person was not told otherwise; after: gone for good, on record',
  revoke: 'before: still active, and the person was not told otherwise; after: nothing more runs',
  'request-cancelled': 'before: still pending; after: cancelled for good',
  'request-expired': 'overdue either way: nothing can approve it',
  'approval-expired': 'overdue either way: nothing can redeem it',

  // What decisions rest on.
  start: 'before: no gateway listens; after: the epoch is raised once more at the next start',
  policy: 'before: the old one holds; after: nothing is permitted under the old one',
  config: 'before: the old one holds; after: nothing is permitted under the old one',
  'tool:*': 'before: the tool stays quarantined; after: accepted at the next start',
  'delegation:*': 'before: everyone answers for themselves; after: given, or taken back, at the next start',
  'tool-seen': 'quarantined either way',

  // People come and go.
  'sign-in-link': 'no link without its entry; an entry without a link lets nobody in',
  'issue-sign-in-code': 'a code nobody was given lets nobody in',
  'sign-in': 'before: the code is whole; after: used, and its session unknown to everybody',
  'session-seen': 'a session may look idle a minute longer',
  'revoke-session': 'before: the person was not told that it ended; after: ended',
  'idempotency-begin': 'the key frees itself after a minute',
  'idempotency-keep': 'the key frees itself after a minute; the change is found by looking',
  'idempotency-release': 'the key frees itself after a minute',

  // The log.
  export: 'before: nothing is exported; after: on record',
  checkpoint: 'before: signed by the next pass; after: published by the next pass',
  'index-entries': 'the next pass does it',
};

/** A tool's acceptance is named after the tool, what becomes of a seat after its delegation. */
export const pointOf = (command: string): string => command.replace(/^(tool|delegation):.*/s, '$1:*');
