/** Rules whose requests people always approve: a question nobody says no to is soon answered without being read. */
import { Link } from '@tanstack/react-router';
import { Section } from '../../kit/layout.tsx';
import { count, counted } from '../../words/size.ts';
import styles from './insights.module.css';
import type { PartProps } from './part.ts';
import { RuleNames } from './rules.tsx';
import { Suggestions } from './suggestions.tsx';

/** The gateway's own rules are not anybody's to narrow. */
const OWN = 'countersign:';

export function AlwaysApproved({ data, span }: PartProps) {
  const always = data.rules.filter(
    ({ always_approved, rules }) => always_approved && !rules.some((rule) => rule.startsWith(OWN)),
  );
  const within = { from: String(span.from), to: String(span.to), decision: 'held' };
  return (
    <Section
      title="Rules that always approve"
      aside={`From ${count(data.always_from)} decisions on, none of them no`}
    >
      {always.length === 0 ? (
        <p className={styles['soft']}>None was decided that often without a no.</p>
      ) : (
        <>
          <p className={styles['lead']}>
            People who are asked and never say no stop reading. Let through what is always right by a narrower
            rule, and keep the question for the rest. Try it in a draft first:{' '}
            <Link to="/policy">Policy</Link> shows which past decisions would change.
          </p>
          <ul className={styles['plain']}>
            {always.map((rule) => (
              <li key={rule.rules.join(' ')}>
                <RuleNames rules={rule.rules} within={within} />
                {counted(rule.approved, 'approval')}, no denial
              </li>
            ))}
          </ul>
        </>
      )}
      <Suggestions since={span.from} />
    </Section>
  );
}
