// The page of a sign-in that came to nothing: whole, without script, and with nothing of the provider's taken for markup.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failurePage, pages } from './pages.ts';

const answer = pages();
const WORDS = [403, 'You are not known here.', 'Ask an operator.'] as const;
const html = (given: Parameters<typeof failurePage>[0]): Promise<string> => failurePage(given, WORDS).text();

test('says what happened and what helps, in a whole page', async () => {
  const page = await html({ reason: 'unknown_person', account: 'oidc:https://idp.example.com#7' });
  assert.ok(page.startsWith('<!doctype html>') && page.endsWith('</html>\n'));
  for (const text of [
    'You are not known here.',
    'Ask an operator.',
    'unknown_person',
    '#7',
    'href="/sign-in"',
  ])
    assert.ok(page.includes(text), text);
  assert.doesNotMatch(page, /[{}]{2}/);
});

test('has no script, no inline style or handler, and nothing from elsewhere: the policy forbids them', async () => {
  const page = await html({ reason: 'denied' });
  assert.doesNotMatch(page, /<(script|style)\b|\s(style|on\w+)=|https?:/i);
});

test('what a provider calls somebody is text, never markup', async () => {
  const page = await html({ reason: 'denied', account: '<img src=x onerror="alert(1)">&\'' });
  assert.ok(page.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;'));
});

test('is kept nowhere, and its style is there', async () => {
  const { status, headers } = failurePage({ reason: 'denied' }, WORDS);
  assert.deepEqual([status, headers.get('cache-control')], [403, 'no-store']);
  const style = await answer('/pages/failure.css');
  assert.equal(style?.headers.get('content-type'), 'text/css; charset=utf-8');
  for (const path of ['/', '/pages/', '/pages/failure.html', '/pages/../pages.ts', '/passkeys'])
    assert.equal(await answer(path), undefined, path);
});
