/** Request. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function RequestView() {
  return (
    <View title="Request">
      <Empty title="Not there yet" />
    </View>
  );
}
