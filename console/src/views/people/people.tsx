/** People. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function PeopleView() {
  return (
    <View title="People">
      <Empty title="Not there yet" />
    </View>
  );
}
