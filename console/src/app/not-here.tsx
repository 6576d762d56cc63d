/** Nothing at this address, and a view that broke: both say what to do. */
import { ProblemError } from '@countersign/sdk';
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

/** The gateway understood the question, and there is nothing there: asking again changes nothing. */
const NOTHING: { readonly [kind: string]: string } = {
  invalid_request: 'This is no address of anything',
  not_found: 'Nothing is known under this address',
};

export function Broken({ error, reset }: ErrorComponentProps) {
  const nothing = error instanceof ProblemError ? NOTHING[error.kind] : undefined;
  if (nothing !== undefined)
    return (
      <View title="Nothing here" width="reading">
        <Empty title={nothing}>
          It may have been cut short or mistyped, or what it was about is gone. The gateway says:{' '}
          {wordsOf(error).replace(/^(?:path\.)?\w+: /, '')}. <Link to="/">Back to the inbox</Link> or{' '}
          <Link to="/history">search the history</Link>.
        </Empty>
      </View>
    );
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
