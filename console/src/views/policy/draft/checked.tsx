/** What the real checker says of the draft, where, and what can be done with it now. */
import type { PolicyCheck, PolicyProblem } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { wordsOf } from '../../../data/gate.ts';
import { Button } from '../../../kit/button.tsx';
import { Row, Section, Soft } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Problem } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import styles from './draft.module.css';
import type { Draft } from './kept.ts';

export type CheckedProps = {
  readonly check: PolicyCheck | undefined;
  readonly waiting: boolean;
  readonly error: Error | null;
  readonly draft: Draft;
};

export function Checked({ check, waiting, error, draft }: CheckedProps) {
  if (error !== null && check === undefined)
    return <Problem title="The draft could not be checked" detail={wordsOf(error)} />;
  const failed = check?.tests.filter(({ ok }) => !ok) ?? [];
  return (
    <Section title="Check" aside={waiting ? 'checking' : undefined}>
      <div className={styles['verdict']}>
        <Row gap="wide">
          <Verdict check={check} />
          {check === undefined ? null : (
            <Soft>
              {counted(check.rules, 'rule')}, {counted(check.tests.length, 'test')}
            </Soft>
          )}
        </Row>
        {draft.changed ? (
          <Button kind="quiet" onPress={draft.discard}>
            Throw the draft away
          </Button>
        ) : (
          <Soft>Nothing differs from what is in force.</Soft>
        )}
      </div>
      <ul className={styles['problems']}>
        {check?.problems.map((found) => (
          <Found key={`${found.file}:${found.line}:${found.message}`} found={found} severity="error" />
        ))}
        {failed.map(({ file, line, name }) => (
          <Found
            key={`${file}:${line}`}
            found={{ file, line, message: `The test “${name}” fails.` }}
            severity="error"
          />
        ))}
        {check?.advice.map((found) => (
          <Found key={`${found.file}:${found.line}:${found.message}`} found={found} severity="advice" />
        ))}
      </ul>
    </Section>
  );
}

function Verdict({ check }: { readonly check: PolicyCheck | undefined }) {
  if (check === undefined) return <Soft>Not checked yet</Soft>;
  return check.ok ? (
    <Mark tone="green" shape="tick">
      Loads, and its tests pass
    </Mark>
  ) : (
    <Mark tone="red" shape="cross">
      Would not load
    </Mark>
  );
}

type FoundProps = {
  readonly found: Pick<PolicyProblem, 'file' | 'line' | 'message' | 'fix'>;
  readonly severity: 'error' | 'advice';
};

function Found({ found: { file, line, message, fix }, severity }: FoundProps) {
  return (
    <li className={styles['problem']}>
      <Row>
        <Mark
          tone={severity === 'error' ? 'red' : 'amber'}
          shape={severity === 'error' ? 'cross' : 'diamond'}
        >
          <Link to="/policy/draft" search={{ file, line }}>
            <Shown text={file} mono />:{line}
          </Link>
        </Mark>
        <Shown text={message} />
      </Row>
      {fix === undefined ? null : (
        <Soft>
          <Shown text={fix} />
        </Soft>
      )}
    </li>
  );
}
