import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressWarnings, isLoopback } from './address.ts';

test('loopback is this machine, whatever it is called', () => {
  const table: readonly (readonly [string, boolean])[] = [
    ['localhost', true],
    ['LOCALHOST', true],
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['[::1]', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['[::]', false],
    ['10.0.0.1', false],
    ['localhost.example.com', false],
    ['127.0.0.1.example.com', false],
  ];
  for (const [host, want] of table) assert.equal(isLoopback(host), want, host);
});

const CLEAR = /cross the network in clear; put TLS in front and set public_url to its https URL/;

test('what would travel in clear, and ports that differ, are said with the fix', () => {
  const table: readonly (readonly [listen: string, public_url: string, said: readonly RegExp[]])[] = [
    ['127.0.0.1:7070', 'http://localhost:7070', []],
    ['[::1]:7070', 'http://localhost:7070', []],
    ['127.0.0.1:7070', 'https://gate.example.com', []],
    ['0.0.0.0:7070', 'https://gate.example.com', []],
    ['0.0.0.0:7070', 'http://localhost:7070', [/^listen\.http: 0\.0\.0\.0:7070 is open to other machines/]],
    ['[::]:7070', 'http://gate.example.com', [/^listen\.http: .*, or listen on 127\.0\.0\.1:7070$/]],
    ['10.1.2.3:80', 'http://10.1.2.3', [CLEAR]],
    ['127.0.0.1:7070', 'http://gate.example.com', [/^public_url: http:\/\/gate\.example\.com is plain http/]],
    [
      '127.0.0.1:7071',
      'http://localhost:7070',
      [/^public_url: it names port 7070, and the gateway listens on 7071;/],
    ],
    ['127.0.0.1:7070', 'http://localhost', [/names port 80,/]],
    ['127.0.0.1:80', 'http://localhost', []],
    ['127.0.0.1:443', 'https://localhost', []],
    ['127.0.0.1:7070', 'https://localhost', [/names port 443,/]],
    ['0.0.0.0:7071', 'http://localhost:7070', [CLEAR, /names port 7070/]],
    // Which port it will be, only a running gateway knows.
    ['127.0.0.1:0', 'http://localhost:7070', []],
  ];
  for (const [http, public_url, want] of table) {
    const said = addressWarnings({ listen: { http }, public_url });
    const name = `${http} ${public_url}: ${said.join(' | ')}`;
    assert.equal(said.length, want.length, name);
    for (const [at, pattern] of want.entries()) assert.match(said[at] ?? '', pattern, name);
  }
});

test('the port that was taken counts, not the one asked for', () => {
  const addresses = { listen: { http: '127.0.0.1:0' }, public_url: 'http://localhost:7070' };
  assert.deepEqual(addressWarnings(addresses, 7070), []);
  assert.match(addressWarnings(addresses, 7071).join(), /listens on 7071/);
});
