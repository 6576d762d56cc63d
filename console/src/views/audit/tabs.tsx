/** The parts of the audit log. */
import { Link } from '@tanstack/react-router';
import { TabLinks, tabLink } from '../../kit/tabs.tsx';

export const AuditTabs = () => (
  <TabLinks label="Parts of the audit log">
    <Link to="/audit" className={tabLink} activeOptions={{ exact: true, includeSearch: false }}>
      Entries
    </Link>
    <Link to="/audit/checkpoint" className={tabLink}>
      Checkpoint, key and witnesses
    </Link>
  </TabLinks>
);
