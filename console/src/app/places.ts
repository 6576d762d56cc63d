/** The places of the console, in the order of the navigation: one table for the sidebar, the phone's bar and the keys. */
import {
  Bot,
  Cable,
  ChartNoAxesColumn,
  History,
  Inbox,
  ListTree,
  type LucideIcon,
  MessageSquare,
  Scale,
  ScrollText,
  Users,
} from 'lucide-react';

export type Place = {
  readonly to:
    | '/'
    | '/history'
    | '/runs'
    | '/audit'
    | '/policy'
    | '/insights'
    | '/agents'
    | '/upstreams'
    | '/people'
    | '/channels';
  readonly name: string;
  readonly picture: LucideIcon;
  /** Pressed after `g`. */
  readonly key: string;
  readonly group: 'work' | 'look' | 'set-up';
};

export const PLACES: readonly Place[] = [
  { to: '/', name: 'Inbox', picture: Inbox, key: 'i', group: 'work' },
  { to: '/history', name: 'History', picture: History, key: 'h', group: 'work' },
  { to: '/runs', name: 'Runs', picture: ListTree, key: 'r', group: 'work' },
  { to: '/audit', name: 'Audit log', picture: ScrollText, key: 'a', group: 'look' },
  { to: '/policy', name: 'Policy', picture: Scale, key: 'p', group: 'look' },
  { to: '/insights', name: 'Insights', picture: ChartNoAxesColumn, key: 'n', group: 'look' },
  { to: '/agents', name: 'Agents', picture: Bot, key: 't', group: 'set-up' },
  { to: '/upstreams', name: 'Upstreams', picture: Cable, key: 'u', group: 'set-up' },
  { to: '/people', name: 'People', picture: Users, key: 'e', group: 'set-up' },
  { to: '/channels', name: 'Channels', picture: MessageSquare, key: 'c', group: 'set-up' },
];
