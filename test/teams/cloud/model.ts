/** People, conversations and messages of the counterpart: what there is, and nothing of how it is asked for. */
import { randomBytes, randomUUID } from 'node:crypto';

export type User = {
  readonly mri: string;
  readonly object_id: string;
  /** Of the directory the person is at home in. */
  readonly tenant: string;
  readonly role: 'user' | 'guest';
  readonly name: string;
  readonly upn: string;
};

export type Json = { readonly [name: string]: unknown };

export type Message = {
  readonly id: string;
  readonly conversation: Conversation;
  /** With its thread, as activities name it. */
  readonly conversation_id: string;
  /** Grows with every update: views made before one are gone. */
  revision: number;
  activity: Json;
  /** What people were shown of their own, by their id. */
  readonly views: Map<string, { readonly revision: number; readonly card: Json }>;
};

export type Conversation = {
  readonly id: string;
  readonly type: 'personal' | 'channel' | 'groupChat';
  readonly members: Set<User>;
  bot: boolean;
  /** A channel of a team: its roster is the team’s, unless it has one of its own (private and shared channels). */
  readonly team?: { readonly id: string; readonly shares_roster: boolean };
  readonly messages: Message[];
  /** When requests of the bot came, for the limits of one conversation. */
  readonly sent_at: number[];
  /** When its members were read, likewise. */
  readonly read_at: number[];
};

export const newUser = (name: string, more: Partial<User> & { readonly tenant: string }): User => ({
  mri: `29:1${randomBytes(45).toString('base64url')}`,
  object_id: randomUUID(),
  role: 'user',
  name,
  upn: more.role === 'guest' ? `${name}_elsewhere.example#EXT#@contoso.example` : `${name}@contoso.example`,
  ...more,
});

export const newConversation = (type: Conversation['type'], members: readonly User[]): Conversation => ({
  id:
    type === 'personal'
      ? `a:1${randomBytes(60).toString('base64url')}`
      : `19:${randomBytes(24).toString('base64url')}@thread.${type === 'channel' ? 'tacv2' : 'v2'}`,
  type,
  members: new Set(members),
  bot: true,
  messages: [],
  sent_at: [],
  read_at: [],
});

let last = 0;
/** Milliseconds, as Teams numbers messages, and never the same twice. */
export function newMessageId(): string {
  last = Math.max(last + 1, Date.now());
  return String(last);
}

export function cardIn({ attachments }: Json): Json | undefined {
  const [first] = Array.isArray(attachments) ? (attachments as readonly Json[]) : [];
  return first?.['content'] as Json | undefined;
}

export type Button = { readonly title: string; readonly action: Json };

/** Buttons in reading order, those in what unfolds too. */
export function buttonsOf(card: Json): readonly Button[] {
  const found: Button[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value as readonly unknown[]) walk(each);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const node = value as Json;
    if (node['type'] === 'Action.Execute' || node['type'] === 'Action.OpenUrl')
      found.push({ title: String(node['title'] ?? ''), action: node });
    for (const [name, each] of Object.entries(node)) if (name !== 'refresh' && name !== 'data') walk(each);
  };
  walk(card);
  return found;
}

/** Every word a person can read, in reading order. */
export function wordsOf(card: Json): string {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value as readonly unknown[]) walk(each);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const node = value as Json;
    if (node['type'] === 'RichTextBlock') {
      const inlines = node['inlines'] as readonly Json[];
      found.push(inlines.map((each) => String(each['text'])).join(''));
      return;
    }
    for (const name of ['text', 'label', 'title', 'placeholder'])
      if (typeof node[name] === 'string') found.push(node[name]);
    for (const name of ['body', 'columns', 'items', 'card', 'actions', 'facts']) walk(node[name]);
  };
  walk(card);
  return found.join('\n').replaceAll('\u00a0', ' ');
}
