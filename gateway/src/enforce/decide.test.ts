import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createRig, evaluationOf, permitted, policyOf } from '../../testing/rig.ts';
import { type AcceptedPin, pinKey } from '../authority/authority.ts';

it('A9, I8: a question about a tool holds only while it is what was accepted, as what it was accepted', async () => {
  const rig = await createRig(policyOf({ write_file: { then: 'allow' } }));
  const accept = (pin: string, as: AcceptedPin['class']): Promise<boolean> =>
    rig.authority.change('test-accept', (current) => ({
      next: {
        ...current,
        pins: new Map([[pinKey('files', 'write_file'), { pin, class: as, definition: {} }]]),
      },
      steps: [],
      entries: () => [],
    }));
  const asked = evaluationOf(rig.principal, 'write_file', { path: '/a' });
  const call = { ...asked, context: { ...asked.context, tool_pin: 'sha256:a' } };
  const refused = async (): Promise<unknown> => {
    const verdict = await rig.enforce(rig.principal, call);
    return verdict.kind === 'refused' ? verdict.refusal.reason : verdict.kind;
  };
  assert.equal(await refused(), 'not_exact', 'accepted by nobody');
  await accept('sha256:a', 'write');
  await permitted(await rig.enforce(rig.principal, call)).finish({ status: 'succeeded' });
  await accept('sha256:a', 'destructive');
  assert.equal(await refused(), 'not_exact', 'classed anew');
  await accept('sha256:b', 'write');
  assert.equal(await refused(), 'not_exact', 'another definition');
  await rig.close();
});
