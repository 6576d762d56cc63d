/** An agent's session in memory: allows `read`, asks people for `write`, denies the rest; an approval is good once. */
import { actionBytes, type Evaluation, encodeHex, readAction, sha256 } from '@countersign/core';
import { kindOf, makeCredential } from '../../identity/credential.ts';
import type { RequestView } from '../../protocols/protocol.ts';
import type { AccessAdmission, AccessSession, AdmitAccess, Answer, GivenApproval } from '../access/access.ts';

export type FakeAccess = {
  readonly key: string;
  readonly admit: AdmitAccess;
  readonly asked: { readonly evaluation: Evaluation; readonly approval_id?: string }[];
  /** Approves the only open request. */
  approve(): void;
  /** Above 0: every call is one too many, and may be made again after so many seconds. */
  over_rate_s: number;
};

const TASK_ID = 'req_01JD0000000000000000000042';
const APPROVAL_ID = 'apr_01JD0000000000000000000042';

export function fakeAdmit(now: () => number): FakeAccess {
  const key = makeCredential('agent');
  const asked: FakeAccess['asked'] = [];
  let task: { view: RequestView; readonly action: Uint8Array } | undefined;
  let uses = 0;
  const digest = (evaluation: Evaluation): string => encodeHex(sha256(actionBytes(evaluation)));

  const decide = (evaluation: Evaluation, approval_id: string | undefined): Answer => {
    const evaluation_id = `evl_${asked.length}`;
    const { name } = evaluation.action;
    const no = (reason: Extract<Answer, { kind: 'refused' }>['reason']): Answer => ({
      kind: 'refused',
      evaluation_id,
      reason,
      message: reason,
    });
    if (name === 'read') return { kind: 'permitted', evaluation_id, obligations: [] };
    if (name !== 'write') return no('policy_denied');
    if (approval_id === undefined)
      return { kind: 'requestable', evaluation_id, message: 'One reviewer must approve.' };
    if (approval_id !== APPROVAL_ID || task === undefined) return no('approval_unverifiable');
    if (digest(evaluation) !== encodeHex(sha256(task.action))) return no('out_of_scope');
    if (uses === 0) return no('approval_expired');
    uses -= 1;
    return { kind: 'permitted', evaluation_id, obligations: [] };
  };

  const session: AccessSession = {
    principal: {
      tenant: 'default',
      agent: 'writer',
      owner: 'jon',
      team: null,
      subject: { type: 'agent', id: 'writer' },
    },
    welcome: () => true,
    enforce: () => Promise.reject(new Error('an HTTP caller enforces by itself')),
    find: async (id) => (id === TASK_ID ? task?.view : undefined),
    recall: () => Promise.resolve(undefined),
    async cancel(id) {
      if (id !== TASK_ID || task === undefined) return undefined;
      if (task.view.status === 'pending')
        task.view = { ...task.view, status: 'cancelled', resolved_at: now() };
      return task.view;
    },
    async ask(evaluation, approval_id) {
      asked.push({ evaluation, ...(approval_id === undefined ? {} : { approval_id }) });
      return decide(evaluation, approval_id);
    },
    async open(evaluation) {
      if (evaluation.action.name !== 'write')
        return { kind: 'not_requestable', message: 'People cannot lift this.' };
      const kind = task === undefined ? 'opened' : 'joined';
      task ??= { view: viewOf(evaluation, now()), action: actionBytes(evaluation) };
      return { kind, request: task.view };
    },
    async approvalOf(id): Promise<GivenApproval | undefined> {
      if (id !== TASK_ID || task?.view.status !== 'approved') return undefined;
      const { action } = task;
      return {
        approval_id: APPROVAL_ID,
        evaluation_id: 'evl_0',
        action: readAction(action),
        action_digest: `sha256:${'a'.repeat(64)}`,
        approved_at: now(),
        approved_until: now() + 600_000,
        uses: 1,
      };
    },
  };
  const access: FakeAccess = {
    key,
    asked,
    over_rate_s: 0,
    admit: (credential) => refusedAt(credential, access) ?? { admitted: true, session },
    approve() {
      if (task === undefined) throw new Error('nothing is open');
      task.view = { ...task.view, status: 'approved', resolved_at: now() };
      uses = 1;
    },
  };
  return access;
}

function refusedAt(
  credential: string,
  { key, over_rate_s }: FakeAccess,
): Extract<AccessAdmission, { admitted: false }> | undefined {
  const kind = kindOf(credential);
  if (kind !== undefined && kind !== 'agent') return { admitted: false, reason: 'wrong_kind' };
  if (credential !== key) return { admitted: false, reason: 'unknown' };
  if (over_rate_s === 0) return undefined;
  return { admitted: false, reason: 'too_many_calls', retry_after_s: over_rate_s };
}

const viewOf = (evaluation: Evaluation, at: number): RequestView => ({
  id: TASK_ID,
  status: 'pending',
  upstream: 'access',
  action: evaluation.action.name,
  resource: evaluation.resource.id,
  risk: 'low',
  opened_at: at,
  expires_at: at + 3_600_000,
  review_url: `http://localhost:7070/requests/${TASK_ID}`,
});
