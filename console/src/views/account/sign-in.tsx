/** Signing in. */
import { View } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';

export function SignInView() {
  return (
    <View title="Sign in">
      <Empty title="Not there yet" />
    </View>
  );
}
