/** A call of a channel, within the time it may take: one that never ends must not keep what comes after it. */
import { type Channel, ChannelTrouble } from '../../channels/channel.ts';

/** How long a call may take, where the channel does not say; after it, it may have arrived. */
const CALL_MS = 10_000;

type Patient = Pick<Channel, 'patience_ms'>;

export const callMs = ({ patience_ms }: Patient): number => patience_ms ?? CALL_MS;

/** @throws ChannelTrouble `unsure` */
export async function withinTime<T>(channel: Patient, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ChannelTrouble('The service did not answer in time.', 'unsure')),
      callMs(channel),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
