import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import fc from 'fast-check';
import {
  checkEnvelope,
  checkName,
  checkParamHeaders,
  decodeHeader,
  encodeHeader,
  META,
  MODERN,
  mirroredParams,
  modernHeaders,
} from './headers.ts';
import type { Request } from './message.ts';

const meta = { [`${META}protocolVersion`]: MODERN, [`${META}clientCapabilities`]: {} };
const request = (params: Request['params'], method = 'tools/call'): Request => ({
  kind: 'request',
  id: 1,
  method,
  params,
});
const call = request({
  name: 'rm',
  arguments: { region: 'eu', count: 42, on: true, inner: { deep: 'x' } },
  _meta: meta,
});
const good = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'rm' };

describe('headers and body say the same, or the request is refused', () => {
  const cases: readonly [string, Request, Record<string, string>, number][] = [
    ['no _meta', request({ name: 'rm' }), good, -32602],
    [
      'no version in _meta',
      request({ name: 'rm', _meta: { [`${META}clientCapabilities`]: {} } }),
      good,
      -32602,
    ],
    [
      'no capabilities in _meta',
      request({ name: 'rm', _meta: { [`${META}protocolVersion`]: MODERN } }),
      good,
      -32602,
    ],
    ['another version in the header', call, { ...good, 'mcp-protocol-version': '2025-11-25' }, -32020],
    ['no version in the header', call, { 'mcp-method': 'tools/call', 'mcp-name': 'rm' }, -32020],
    [
      'a version not spoken',
      request({ _meta: { ...meta, [`${META}protocolVersion`]: '2099-01-01' } }),
      { ...good, 'mcp-protocol-version': '2099-01-01' },
      -32022,
    ],
    ['another method', call, { ...good, 'mcp-method': 'tools/list' }, -32020],
    ['no method', call, { 'mcp-protocol-version': MODERN, 'mcp-name': 'rm' }, -32020],
    ['another name', call, { ...good, 'mcp-name': 'ls' }, -32020],
    ['no name', call, { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call' }, -32020],
    ['a name in broken Base64', call, { ...good, 'mcp-name': '=?base64?cm0?=' }, -32020],
  ];
  for (const [name, message, headers, code] of cases) {
    it(name, () => {
      assert.throws(
        () => {
          checkEnvelope(headers, message);
          checkName(headers, message);
        },
        { code, status: 400, id: 1 },
      );
    });
  }

  it('passes what agrees, encoded or not', () => {
    checkEnvelope(good, call);
    checkName(good, call);
    checkName({ ...good, 'mcp-name': '=?base64?cm0=?=' }, call);
  });
});

describe('mirrored arguments', () => {
  const schema = {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      on: { type: 'boolean', 'x-mcp-header': 'On' },
      inner: { type: 'object', properties: { deep: { type: 'string', 'x-mcp-header': 'Deep' } } },
      bad: { type: 'string', 'x-mcp-header': 'no spaces' },
    },
  };
  const mirrored = mirroredParams(schema);
  const all = {
    'mcp-param-region': 'eu',
    'mcp-param-count': '42',
    'mcp-param-on': 'true',
    'mcp-param-deep': 'x',
  };

  it('are found by their path, valid names only', () => {
    assert.deepEqual(
      mirrored.map(({ header, path }) => [header, path.join('.')]),
      [
        ['Region', 'region'],
        ['Count', 'count'],
        ['On', 'on'],
        ['Deep', 'inner.deep'],
      ],
    );
  });

  it('A21: are looked for eight levels deep, and are no more than 64', () => {
    const mark = { type: 'string', 'x-mcp-header': 'Deep' };
    const nested = (levels: number): JsonObject =>
      levels === 1 ? { properties: { x: mark } } : { properties: { x: nested(levels - 1) } };
    assert.equal(mirroredParams(nested(8)).length, 1);
    assert.equal(mirroredParams(nested(9)).length, 0);
    const wide = Array.from({ length: 70 }, (_, n) => [`x${n}`, { 'x-mcp-header': `H${n}` }]);
    assert.equal(mirroredParams({ properties: Object.fromEntries(wide) }).length, 64);
  });

  it('must be there and right; integers compare as numbers', () => {
    checkParamHeaders(all, call, mirrored);
    checkParamHeaders({ ...all, 'mcp-param-count': '42.0' }, call, mirrored);
    for (const wrong of [
      { 'mcp-param-region': 'us' },
      { 'mcp-param-count': '43' },
      { 'mcp-param-on': 'TRUE' },
      { 'mcp-param-region': '=?base64?!!?=' },
    ]) {
      assert.throws(() => checkParamHeaders({ ...all, ...wrong }, call, mirrored), { code: -32020 });
    }
    const { 'mcp-param-region': _gone, ...missing } = all;
    assert.throws(() => checkParamHeaders(missing, call, mirrored), { code: -32020 });
    assert.throws(
      () => checkParamHeaders(all, request({ name: 'rm', arguments: {}, _meta: meta }), mirrored),
      { code: -32020 },
    );
  });

  it('are written anew from the body', () => {
    assert.deepEqual(modernHeaders('tools/call', call.params, mirrored), { ...good, ...all });
  });
});

it('every text survives a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const coded = encodeHeader(text.toWellFormed());
      assert.match(coded, /^[\x20-\x7e\t]*$/);
      assert.equal(decodeHeader(coded), text.toWellFormed());
    }),
  );
  for (const text of [' padded ', 'line\nbreak', '=?base64?literal?=', '', 'ä'])
    assert.equal(decodeHeader(encodeHeader(text)), text);
});
