/** Insights. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function InsightsView() {
  return (
    <View title="Insights">
      <Empty title="Not there yet" />
    </View>
  );
}
