/** Upstreams. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function UpstreamsView() {
  return (
    <View title="Upstreams">
      <Empty title="Not there yet" />
    </View>
  );
}
