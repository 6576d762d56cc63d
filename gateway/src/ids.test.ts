import assert from 'node:assert/strict';
import { it } from 'node:test';
import { executionId, requestId, ulid } from './ids.ts';

const AT = Date.UTC(2026, 10, 21);

it('begins with what it is of, then the time, and no two are alike', () => {
  const made = [ulid(AT), requestId(AT), ulid(AT), executionId(AT), requestId(AT + 1)];
  for (const [at, begins] of ['', 'req_', '', 'exe_', 'req_'].entries())
    assert.match(made[at] ?? '', new RegExp(`^${begins}01M7[0-9A-HJKMNP-TV-Z]{22}$`));
  assert.equal(new Set(made.map((each) => each.slice(-16))).size, made.length);
  const times = made.map((each) => each.slice(-26, -16));
  assert.equal(new Set(times.slice(0, 4)).size, 1);
  assert.ok(String(times[4]) > String(times[0]), 'they sort by time');
});
