/** Policy. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function PolicyView() {
  return (
    <View title="Policy">
      <Empty title="Not there yet" />
    </View>
  );
}
