/** One answer the gateway told ahead: a mark, whom it asks, what it depends on, and the rules it comes from. */
import type { Effect } from '@countersign/core';
import type { May } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Soft } from '../../../kit/layout.tsx';
import { Listed } from '../../../kit/listed.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import type { Worded } from '../../../words/states.ts';

const ONE: { readonly [E in Effect]: Worded } = {
  allow: { word: 'Allowed', tone: 'green', shape: 'tick' },
  require: { word: 'Asks people', tone: 'amber', shape: 'half' },
  deny: { word: 'Refused', tone: 'red', shape: 'cross' },
};
const AMONG: { readonly [E in Effect]: string } = { allow: 'allowed', require: 'asked for', deny: 'refused' };

export function Answer({ may: { effects } }: { readonly may: May }) {
  const [only] = effects;
  if (effects.length === 1 && only !== undefined) {
    const { word, tone, shape } = ONE[only];
    return (
      <Mark tone={tone} shape={shape}>
        {word}
      </Mark>
    );
  }
  return (
    <Mark tone="ink" shape="diamond">
      Depends
    </Mark>
  );
}

/** Empty where the answer says it all. */
export function Why({ may }: { readonly may: May }) {
  const { effects, rules, reviewers, depends_on } = may;
  const nothing = effects[0] === 'deny' && !rules.some(({ then }) => then === 'deny');
  const ways = nothing ? effects.slice(1) : effects;
  return (
    <>
      {effects.length === 1 ? null : (
        <div>
          {listed(ways.toReversed().map((effect) => AMONG[effect]))} by{' '}
          <Listed of={depends_on}>{(path) => <Shown text={path} mono />}</Listed>
          {nothing ? '; refused where no rule matches' : ''}
        </div>
      )}
      {effects.includes('require') ? <Whom may={may} /> : null}
      {nothing && effects.length === 1 ? <Soft>No rule lets it.</Soft> : null}
      {reviewers?.enough === false ? (
        <Mark tone="red" shape="cross">
          They are not enough: refused at once
        </Mark>
      ) : null}
    </>
  );
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;

function Whom({ may: { rules, reviewers } }: { readonly may: May }) {
  if (reviewers === undefined) {
    const asked = [...new Set(rules.flatMap(({ asks = [] }) => asks))];
    return asked.length === 0 ? null : (
      <div>
        asks <Shown text={asked.join(', ')} mono />
      </div>
    );
  }
  const { people, left_out } = reviewers;
  if (people.length === 0) return <div>nobody could answer it</div>;
  return (
    <div>
      could answer:{' '}
      <Listed of={people}>
        {(person) => (
          <Link to="/people/$person" params={{ person }}>
            <Shown text={person} />
          </Link>
        )}
      </Listed>
      {left_out === 0 ? '' : ` and ${left_out} more`}
    </div>
  );
}

export function Rules({ may: { rules, rules_left_out } }: { readonly may: May }) {
  if (rules.length === 0) return <Soft>none</Soft>;
  return (
    <>
      <Listed of={rules.map(({ rule }) => rule)}>
        {(rule) => (
          <Link to="/policy" hash={rule}>
            <Shown text={rule} mono />
          </Link>
        )}
      </Listed>
      {rules_left_out === 0 ? '' : ` and ${rules_left_out} more`}
    </>
  );
}
