/** What every channel owes, by Slack: over signed requests, and over Socket Mode. */
import { channelContract } from '../../gateway/src/channels/contract.ts';
import { startSlackDriver } from './driver.ts';

for (const transport of ['url', 'socket'] as const)
  channelContract(`Slack (${transport})`, () => startSlackDriver(transport));
