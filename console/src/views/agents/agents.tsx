/** Agents. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function AgentsView() {
  return (
    <View title="Agents">
      <Empty title="Not there yet" />
    </View>
  );
}
