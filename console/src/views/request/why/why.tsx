/** Why this was held: the rules that decided, where they stand, and the values they matched. */
import type { RuleHit } from '@countersign/core';
import { renderJson } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Section } from '../../../kit/layout.tsx';
import { Marked, Shown } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import styles from './why.module.css';

export function Why({ detail }: { readonly detail: RequestDetail }) {
  const { explanation } = detail;
  return (
    <Section title={detail.status === 'pending' ? 'Why you are asked' : 'Why it was held'}>
      <div className={styles['rules']}>
        {explanation.deciding.map((hit) => (
          <Rule key={`${hit.rule} ${hit.file} ${hit.line}`} hit={hit} />
        ))}
      </div>
      <Others title="outranked" hits={explanation.outranked}>
        also matched; a stricter one decides
      </Others>
      <Others title="would have" hits={explanation.would_have}>
        only tried out (dry run): decided nothing
      </Others>
    </Section>
  );
}

function Rule({ hit }: { readonly hit: RuleHit }) {
  const { rule, about, file, line, values, obligations, error } = hit;
  const built_in = rule.startsWith('countersign:');
  return (
    <article className={styles['rule']}>
      <p className={styles['about']}>
        <Shown text={about === '' ? rule : about} />
      </p>
      <p className={styles['place']}>
        Rule <Shown text={rule} mono />
        {built_in ? (
          ', the gateway’s own'
        ) : (
          <>
            {', '}
            <Link to="/policy" hash={rule}>
              <Shown text={file} />:{line}
            </Link>
          </>
        )}
      </p>
      <Values values={values} />
      {error === undefined ? null : (
        <p>
          Its condition failed, so it counts as matched: <Shown text={error} />
        </p>
      )}
      {obligations.map(({ id, type, properties }) => (
        <p key={id} className={styles['place']}>
          What comes back is <Shown text={type === 'mask' ? 'masked' : type} />:{' '}
          <Shown text={JSON.stringify(properties)} mono />
        </p>
      ))}
    </article>
  );
}

function Values({ values }: { readonly values: RuleHit['values'] }) {
  const names = Object.keys(values);
  if (names.length === 0) return null;
  return (
    <dl className={styles['values']}>
      {names.map((name) => (
        <div key={name}>
          <dt>
            <Shown text={name} mono />
          </dt>
          <dd>
            {renderJson(values[name] ?? null).lines.map(({ key, value }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of one value have no other name.
              <div key={at}>
                <Marked text={key === undefined ? value : `${key}: ${value}`} />
              </div>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

type OthersProps = {
  readonly title: string;
  readonly hits: readonly RuleHit[];
  readonly children: string;
};

function Others({ title, hits, children }: OthersProps) {
  if (hits.length === 0) return null;
  return (
    <details className={styles['others']}>
      <summary>
        {counted(hits.length, 'rule')} {children}
      </summary>
      <div className={styles['rules']}>
        {hits.map((hit) => (
          <Rule key={`${title} ${hit.rule} ${hit.file} ${hit.line}`} hit={hit} />
        ))}
      </div>
    </details>
  );
}
