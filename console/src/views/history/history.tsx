/** History. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function HistoryView() {
  return (
    <View title="History">
      <Empty title="Not there yet" />
    </View>
  );
}
