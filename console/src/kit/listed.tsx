/** Several of a kind in running text, with commas between them: links, mostly. */
import { Fragment, type ReactNode } from 'react';

type Props = {
  readonly of: readonly string[];
  readonly children: (one: string) => ReactNode;
};

export function Listed({ of, children }: Props) {
  return of.map((one, at) => (
    <Fragment key={one}>
      {at === 0 ? '' : ', '}
      {children(one)}
    </Fragment>
  ));
}
