/** Audit log. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function AuditView() {
  return (
    <View title="Audit log">
      <Empty title="Not there yet" />
    </View>
  );
}
