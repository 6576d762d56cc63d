/** Nothing at this address, and a view that broke: both say what to do. */
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { wordsOf } from '../data/gate.ts';
import { View } from '../kit/layout.tsx';
import { Empty, Problem } from '../kit/said.tsx';

export function NotHere() {
  return (
    <main>
      <View title="Nothing here" width="reading">
        <Empty title="There is no page at this address">
          It may have been mistyped, or what it was about is gone. <Link to="/">Back to the inbox</Link>
        </Empty>
      </View>
    </main>
  );
}

export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <View title="This did not load" width="reading">
      <Problem
        title="The gateway did not give what this page needs"
        detail={wordsOf(error)}
        onAgain={reset}
      />
    </View>
  );
}
