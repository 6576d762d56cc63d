/** First run. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function FirstRunView() {
  return (
    <View title="First run">
      <Empty title="Not there yet" />
    </View>
  );
}
