/** Channels. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function ChannelsView() {
  return (
    <View title="Channels">
      <Empty title="Not there yet" />
    </View>
  );
}
