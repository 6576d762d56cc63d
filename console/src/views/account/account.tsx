/** One's own account: passkeys, sessions, and who sits in for one. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function AccountView() {
  return (
    <View title="You">
      <Empty title="Not there yet" />
    </View>
  );
}
