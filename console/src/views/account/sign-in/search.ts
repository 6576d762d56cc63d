/** What the address of the sign-in page may say. */
export type SignInSearch = {
  /** Where they wanted to go: a path of the console's own. */
  readonly to?: string;
  /** A command line on this machine that waits: challenge, port and state. */
  readonly cli?: string;
  /** They are to show who they are again, even if the provider still knows them. */
  readonly fresh?: '1';
  /** Somebody else is to sign in, whoever this browser is signed in as. */
  readonly other?: '1';
  /** Why they are here: they signed out, or their session ended while they looked. */
  readonly why?: 'out' | 'ended';
};
