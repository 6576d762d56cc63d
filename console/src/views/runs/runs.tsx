/** Runs. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function RunsView() {
  return (
    <View title="Runs">
      <Empty title="Not there yet" />
    </View>
  );
}
