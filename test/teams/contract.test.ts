/** What every channel owes, by Microsoft Teams. */
import { channelContract } from '../../gateway/src/channels/contract.ts';
import { startTeamsDriver } from './driver.ts';

channelContract('Teams', startTeamsDriver);
