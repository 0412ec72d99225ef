// Tests that host.json is bound as Azure's host binds it, and refused where that host would not serve.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readHostSettings } from './host-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'host-json-'));
after(() => rmSync(folder, { recursive: true }));

const bundle = { id: 'Microsoft.Azure.Functions.ExtensionBundle', version: '[4.*, 5.0.0)' };
const http = (settings: object) => ({ version: '2.0', extensions: { http: settings } });

function read(hostJson: unknown) {
  writeFileSync(join(folder, 'host.json'), typeof hostJson === 'string' ? hostJson : JSON.stringify(hostJson));
  return readHostSettings(folder);
}

describe('the host.json of this app', () => {
  it('is one that the host can bind', () => {
    assert.deepEqual(readHostSettings(join(import.meta.dirname, '../..')), {
      routePrefix: '',
      customHeaders: { 'X-Content-Type-Options': 'nosniff' },
      hasExtensionBundle: true,
    });
  });
});

describe('a host.json', () => {
  it('has defaults, and may hold what the host does not know', () => {
    const settings = read({ version: '2.0', telemetryMode: 'OpenTelemetry' });
    assert.deepEqual(settings, { routePrefix: 'api', customHeaders: {}, hasExtensionBundle: false });
  });

  it('is read whatever the case of its names, and whether its values are text or not', () => {
    const hsts = { IsEnabled: 'True', MAXAGE: 30 };
    const given = { version: '2.0', ExtensionBundle: bundle, extensions: { HTTP: { RoutePrefix: 'v1', hsts } } };
    assert.deepEqual(read(given), { routePrefix: 'v1', customHeaders: {}, hasExtensionBundle: true });
  });

  for (const [what, hostJson, message] of [
    [
      'has a max-age in seconds',
      http({ hsts: { isEnabled: true, maxAge: '31536000' } }),
      /hsts:maxAge is "31536000", but must be .*counts days/,
    ],
    ['has HSTS without saying whether it is on', http({ hsts: { maxAge: '365' } }), /hsts:isEnabled is missing/],
    ['says "yes" for true', http({ hsts: { isEnabled: 'yes' } }), /hsts:isEnabled is "yes", but must be true or false/],
    ['counts requests in words', http({ maxConcurrentRequests: 'many' }), /maxConcurrentRequests is "many"/],
    ['has no version', { functionTimeout: '00:05:00' }, /version is missing/],
    ['has the version of another thing', { version: '4.0' }, /version is "4.0", but must be "2.0"/],
    ['has a time-out in words', { version: '2.0', functionTimeout: '5 minutes' }, /functionTimeout is "5 minutes"/],
    ['has a time-out of nothing', { version: '2.0', functionTimeout: '00:00:00' }, /of a second or more/],
    [
      'has a bundle of no version',
      { version: '2.0', extensionBundle: { id: bundle.id } },
      /extensionBundle:version is missing/,
    ],
    [
      'has a bundle of any version',
      { version: '2.0', extensionBundle: { ...bundle, version: 'latest' } },
      /extensionBundle:version is "latest"/,
    ],
    [
      'logs at no known level',
      { version: '2.0', logging: { logLevel: { default: 'verbose' } } },
      /logLevel:default is "verbose"/,
    ],
    ['is no JSON', '{', /is not JSON/],
  ] as const) {
    it(`is refused when it ${what}`, () => assert.throws(() => read(hostJson), { code: 'BAD_SETTING', message }));
  }

  it('may ask for no time-out at all', () => {
    assert.equal(read({ version: '2.0', functionTimeout: '-1' }).routePrefix, 'api');
  });
});
