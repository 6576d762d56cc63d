/** What is erased, by Microsoft Teams. */
import { erasureContract } from '../../gateway/testing/channel-erasure.ts';
import { startTeamsDriver } from './driver.ts';

erasureContract('Teams', startTeamsDriver);
