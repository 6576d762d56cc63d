import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRig, type Rig } from './testing/rig.ts';

let rig: Rig;
before(async () => {
  rig = await createRig();
});
after(() => rig.close());

type Operation = {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly responses: Record<string, unknown>;
};
type Document = {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
};

const read = async (): Promise<Document> => (await (await rig.ask('/openapi.json')).json()) as Document;

test('the document names every route there is, and no other', async () => {
  const { openapi, paths } = await read();
  assert.equal(openapi, '3.1.0');
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
  );
  const served = rig.api.routes.map(({ spec }) => `${spec.method} ${spec.path} ${spec.id}`);
  assert.deepEqual(documented.sort(), served.sort());
  assert.equal(
    new Set(rig.api.routes.map(({ spec }) => spec.id)).size,
    served.length,
    'operation ids are unique',
  );
});

test('every operation says who may call it and how it refuses', async () => {
  for (const [path, methods] of Object.entries((await read()).paths)) {
    for (const { security, responses } of Object.values(methods)) {
      assert.ok(security, path);
      assert.ok('default' in responses, path);
    }
  }
});

test('bodies are closed in the document as they are at the door', async () => {
  const { schemas } = (await read()).components;
  for (const name of ['ReviewInput', 'SignInInput', 'AcceptInput', 'EvaluationInput', 'AccessRequestInput']) {
    assert.equal(
      (schemas[name] as { readonly additionalProperties?: unknown }).additionalProperties,
      false,
      name,
    );
  }
});

test('no GET takes a body, and what a GET answers is only read', () => {
  for (const { spec } of rig.api.routes)
    if (spec.method === 'get') assert.equal(spec.body, undefined, spec.path);
});
