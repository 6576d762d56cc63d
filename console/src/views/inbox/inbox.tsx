/** Inbox. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function InboxView() {
  return (
    <View title="Inbox">
      <Empty title="Not there yet" />
    </View>
  );
}
