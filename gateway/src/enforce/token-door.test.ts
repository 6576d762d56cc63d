import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { githubClaims, type Issuer, startIssuer } from '../../testing/issuer.ts';
import { CONFIG, createRig, evaluationOf, held, permitted, policyOf, type Rig } from '../../testing/rig.ts';
import type { AccessAdmission, AccessSession, AdmitAccess } from '../api/access/access.ts';
import { type Config, configSchema } from '../config/config.ts';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import { createProofs } from '../identity/workload/proofs.ts';
import { keySource } from '../identity/workload/source.ts';
import { createTokens, type Tokens } from '../identity/workload/tokens.ts';
import { createAdmit } from './admit.ts';
import { createTokenDoor } from './token-door.ts';

const KEY = makeCredential('agent');
let issuer: Issuer;
let rig: Rig;
let tokens: Tokens;
let admit: AdmitAccess;
let config: Config;
const told: { code: string; silent: boolean }[] = [];

const configOf = (rule: JsonObject): Config =>
  configSchema.parse({
    ...CONFIG,
    public_url: 'https://gate.example.com',
    agents: { coder: { owner: 'alice', keys: [hashCredential(KEY)] } },
    workload_identity: [
      {
        issuer: issuer.url,
        jwks: issuer.jwks(),
        agents: [{ match: { repository: 'acme/*' }, agent: 'github:{repository}', ...rule }],
      },
    ],
  });

before(async () => {
  issuer = await startIssuer();
  config = configOf({ owner: 'alice', calls_per_minute: 60 });
  rig = await createRig(policyOf({ write: { then: 'require' } }), { config });
  tokens = createTokens({
    tenant: 'default',
    public_url: 'https://gate.example.com',
    moment: rig.authority.current,
    now: rig.deps.now,
    log: rig.deps.log,
    source: ({ config: entry }) => keySource(entry, '/'),
  });
  const events = { tokenRefused: (refused: { code: string; silent: boolean }) => void told.push(refused) };
  admit = createAdmit(rig.deps, 'default', {
    ticks: () => 0,
    tokens: createTokenDoor({ tokens, proofs: createProofs(rig.deps.now), events, ticks: () => 0 }),
  });
});
after(async () => {
  tokens.close();
  await Promise.all([rig.close(), issuer.close()]);
});

const fresh = (more: JsonObject = {}) => issuer.sign({ ...githubClaims(issuer.url, rig.time.now), ...more });
function entered(admission: AccessAdmission): AccessSession {
  assert.ok(admission.admitted, JSON.stringify(admission));
  return admission.session;
}
const reason = (admission: AccessAdmission) => (admission.admitted ? 'admitted' : admission.reason);

describe('workload tokens at the door', () => {
  it('a key, and a token that is known, are answered at once', async () => {
    assert.ok(!(admit(KEY) instanceof Promise));
    const token = await fresh();
    const first = admit(token);
    assert.ok(first instanceof Promise, 'seen first: verified');
    const session = entered(await first);
    const again = admit(token);
    assert.ok(!(again instanceof Promise));
    assert.equal(entered(again), session, 'one session for all its calls');
  });

  it('a held call outlives its token, not its agent: a fresh one of the same agent redeems what people approved', async () => {
    const short = { exp: Math.floor(rig.time.now / 1000) + 10 };
    const session = entered(await admit(await fresh(short)));
    const asked = evaluationOf(session.principal, 'write', { n: 1 });
    const { id } = held(await session.enforce(asked));
    rig.time.now += 41_000;
    assert.equal(session.welcome(), false, 'its stream is cut');
    await rig.answer(id, 'bob');
    const late = await session.enforce(asked);
    assert.equal(late.kind === 'refused' && late.refusal.reason, 'not_admitted');
    assert.equal(await session.find(id), undefined);
    const other = entered(await admit(await fresh({ repository: 'acme/other' })));
    assert.equal(await other.find(id), undefined, 'another agent of that issuer sees nothing of it');
    const next = entered(await admit(await fresh()));
    assert.equal((await next.find(id))?.status, 'approved');
    permitted(await next.enforce(asked));
    assert.notEqual((await next.enforce(asked)).kind, 'permitted', 'once');
  });

  it('I8: a change of its owner ends it at once; whoever it now stands for asks anew', async () => {
    const token = await fresh();
    const session = entered(await admit(token));
    const asked = evaluationOf(session.principal, 'write', { n: 2 });
    await rig.change({ config: configOf({ owner: 'dan' }) });
    const verdict = await session.enforce(asked);
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'not_admitted');
    assert.equal(entered(await admit(token)).principal.owner, 'dan');
    await rig.change({ config });
  });

  it('A13: who runs a pipeline owns that run: her vote on his does not let her own through', async () => {
    await rig.change({ config: configOf({ owner: '{actor}' }) });
    const his = entered(await admit(await fresh({ actor: 'bob' })));
    const hers = entered(await admit(await fresh({ actor: 'alice' })));
    assert.deepEqual([his.principal.agent, his.principal.owner], [hers.principal.agent, 'bob']);
    const asked = evaluationOf(his.principal, 'write', { n: 3 });
    const { id } = held(await his.enforce(asked));
    assert.equal((await rig.answer(id, 'alice')).kind, 'recorded');
    const verdict = await hers.enforce(asked);
    assert.notEqual(verdict.kind, 'permitted');
    await rig.change({ config });
  });

  it('A21: calls_per_minute of its rule counts for all its tokens together', async () => {
    const [one, two] = [
      await fresh({ repository: 'acme/busy' }),
      await fresh({ repository: 'acme/busy', run_id: '2' }),
    ];
    for (let at = 0; at < 30; at += 1) for (const token of [one, two]) entered(await admit(token));
    assert.equal(reason(await admit(one)), 'too_many_calls');
    assert.equal(reason(await admit(two)), 'too_many_calls');
    assert.equal(reason(await admit(await fresh({ repository: 'acme/calm' }))), 'admitted');
  });

  it('A19: a name of its own for every run is no hour of its own: requests_per_hour counts for one owner’s together', async () => {
    await rig.change({ config: configOf({ agent: 'run:{run_id}', owner: '{actor}', requests_per_hour: 3 }) });
    const ask = async (run_id: string, actor: string): Promise<string> => {
      const session = entered(await admit(await fresh({ run_id, actor })));
      assert.equal(session.principal.agent, `run:${run_id}`);
      const verdict = await session.enforce(evaluationOf(session.principal, 'write', { run_id }));
      return verdict.kind === 'refused' ? verdict.refusal.reason : verdict.kind;
    };
    for (const run of ['1', '2', '3']) assert.equal(await ask(run, 'alice'), 'held');
    assert.equal(await ask('4', 'alice'), 'asked_too_often');
    assert.equal(await ask('5', 'bob'), 'held', 'another’s are counted by themselves');
    const coder = entered(await admit(KEY));
    held(await coder.enforce(evaluationOf(coder.principal, 'write', { by: 'key' })));
    rig.time.now += 3_600_000;
    assert.equal(await ask('4', 'alice'), 'held');
    await rig.change({ config });
  });

  it('A21: bad tokens are counted each, and told ten a cause', async () => {
    told.length = 0;
    const bad = await fresh({ aud: 'https://elsewhere.example.com' });
    for (let at = 0; at < 100; at += 1) assert.equal(reason(await admit(bad)), 'token_refused');
    assert.equal(told.length, 100);
    assert.equal(told.filter(({ silent }) => !silent).length, 10);
    assert.equal(told[0]?.code, 'wrong_audience');
  });

  it('without any issuer, a token is an unknown key', async () => {
    const plain = createAdmit(rig.deps, 'default');
    assert.equal(reason(plain(await fresh())), 'unknown');
  });
});
