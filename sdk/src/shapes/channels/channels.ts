/** What the people's API says of channels: where requests are shown outside the console, and whose account there is whose. */

export type ChannelStatus = {
  readonly kind: string;
  /** Where requests go that no route speaks of. */
  readonly places: readonly string[];
  readonly ok: boolean;
  readonly says: string;
  /** Since when it does not work. */
  readonly since?: number;
  /** Cards that are to show something newer than they do. */
  readonly waiting: number;
  /** Of those, tried before without success. */
  readonly failing: number;
  /** Cards given up on until an operator has looked. */
  readonly dead: number;
};

/** A request no card can be made for; it waits in the inbox all the same. */
export type SetAsideRequest = {
  readonly request_id: string;
  readonly since: number;
  readonly attempts: number;
};

export type ChannelList = {
  readonly items: readonly ChannelStatus[];
  /** How many requests no card can be made for, and the first of them. */
  readonly set_aside: { readonly count: number; readonly oldest: readonly SetAsideRequest[] };
};

export type DeadCard = {
  readonly id: string;
  readonly request_id: string;
  readonly channel: string;
  readonly place: string;
  readonly trouble: string;
  readonly attempts: number;
  readonly made_at: number;
};

export type ChannelTestInput = { readonly place?: string };
export type ChannelTested = {
  readonly places: readonly string[];
  /** Of a place that took none. */
  readonly trouble?: string;
};

export type AccountLinkInput = { readonly code: string };
/** An account in a service that asks to be somebody's here. `label` is what the service calls them. */
export type AccountLink = {
  readonly channel: string;
  readonly account: string;
  readonly label: string;
  readonly expires_at: number;
};
