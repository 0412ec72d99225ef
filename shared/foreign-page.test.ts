// Which requests are taken for those of this machine's own programs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuseForeignPage, refuseOtherThanJson } from './foreign-page.ts';

const reader = (headers: Record<string, string>) => (name: string) => headers[name];
const here = { host: '127.0.0.1:7071' };

const served: readonly Record<string, string>[] = [
  here,
  { host: 'localhost:7071' },
  { host: '[::1]:7071' },
  { ...here, origin: 'http://localhost:5173' },
  { ...here, origin: 'http://127.0.0.1:7071', 'sec-fetch-site': 'same-origin' },
  { ...here, 'sec-fetch-site': 'none' },
  { ...here, 'x-forwarded-host': 'localhost:7071', 'x-forwarded-for': '::1' },
  { ...here, 'x-forwarded-for': '127.0.0.1:52000, ::ffff:127.0.0.1' },
];
describe('a request is served', () => {
  for (const headers of served) it(`with ${JSON.stringify(headers)}`, () => refuseForeignPage(reader(headers)));
});

const refused: readonly Record<string, string>[] = [
  { ...here, origin: 'https://pages.example' },
  { ...here, origin: 'http://localhost.pages.example' },
  { ...here, origin: 'null' },
  { ...here, origin: '' },
  { ...here, 'sec-fetch-site': 'cross-site' },
  { host: 'pages.example:7071', origin: 'http://pages.example:7071' },
  { host: 'pages.example:7071' },
  { host: '127.0.0.1.pages.example' },
  { ...here, 'x-forwarded-host': 'abc-7071.tunnel.example' },
  { ...here, 'x-forwarded-for': '203.0.113.7' },
  { ...here, 'x-forwarded-for': '127.0.0.1, 203.0.113.7' },
  { ...here, 'x-forwarded-for': '2001:db8::1' },
  {},
];
describe('a request is refused', () => {
  for (const headers of refused)
    it(`with ${JSON.stringify(headers)}`, () => {
      assert.throws(() => refuseForeignPage(reader(headers)), { code: 'FORBIDDEN' });
    });
});

it('takes JSON of every kind, or no body, and nothing that a page may send unasked', () => {
  for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/cloudevents+json', undefined])
    refuseOtherThanJson(() => type);
  for (const type of [
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=json',
    '',
  ])
    assert.throws(() => refuseOtherThanJson(() => type), { code: 'UNSUPPORTED_MEDIA_TYPE', status: 415 });
});
