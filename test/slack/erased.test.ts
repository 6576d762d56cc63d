/** What is erased, by Slack. */
import { erasureContract } from '../../gateway/testing/channel-erasure.ts';
import { startSlackDriver } from './driver.ts';

erasureContract('Slack', () => startSlackDriver('url'));
