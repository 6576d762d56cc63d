/** The policy's frame: what is in force, what waits to be, and the parts one can look at. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { useMe } from '../../data/me.ts';
import { policyQuery } from '../../data/policy.ts';
import { Id } from '../../kit/data/copy.tsx';
import { Row, Soft, View } from '../../kit/layout.tsx';
import { Note } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { TabLinks, tabLink } from '../../kit/tabs.tsx';
import { When } from '../../kit/time.tsx';
import { counted, shortDigest } from '../../words/size.ts';
import { mayDraft } from './draft/may.ts';
import styles from './policy.module.css';

export function PolicyFrame() {
  const { data } = useSuspenseQuery(policyQuery);
  const drafts = mayDraft(useMe());
  return (
    <View
      title="Policy"
      about={
        <Row>
          <span>{counted(data.rules.length, 'rule')} in force</span>
          <Soft>
            loaded <When at={data.loaded_at} />
          </Soft>
          <Id text={data.digest} short={shortDigest(data.digest)} />
        </Row>
      }
    >
      <div className={styles['standing']}>
        {data.waiting === undefined ? null : (
          <Note
            tone="amber"
            title="A change waits for other operators"
            action={
              <Link to="/requests/$id" params={{ id: data.waiting.request_id }}>
                See what would change
              </Link>
            }
          >
            <p>Until they agree, what stands here decides.</p>
          </Note>
        )}
        {data.load_errors.map((error) => (
          <Note key={error} tone="red" title="The newest files are not in force">
            <p>
              <Shown text={error} mono />
            </p>
          </Note>
        ))}
        {data.unseen === undefined ? null : (
          <Note tone="plain">
            <p>
              <Shown text={data.unseen} />
            </p>
          </Note>
        )}
      </div>
      <TabLinks label="Parts of the policy">
        <Link to="/policy" className={tabLink} activeOptions={{ exact: true, includeSearch: false }}>
          Rules
        </Link>
        <Link to="/policy/draft" className={tabLink} activeOptions={{ includeSearch: false }}>
          {drafts ? 'Draft' : 'Files'}
        </Link>
        {drafts ? (
          <Link to="/policy/tried" className={tabLink} activeOptions={{ includeSearch: false }}>
            What it would change
          </Link>
        ) : null}
      </TabLinks>
      <Outlet />
    </View>
  );
}
