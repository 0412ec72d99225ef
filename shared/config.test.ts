// What settings are taken, which are refused, and that the refusal names them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findAcsEndpoint, readConfig, requireSettings, type SettingName, settingNames } from './config.ts';

const hex = '0123456789abcdef0123456789abcdef';

it('needs no setting at all', () => {
  const config = readConfig({});
  assert.equal(config.PORT, 8080);
  assert.equal(config.REDIS_URL, undefined);
  assert.deepEqual(config.DIAL_ALLOWED_PREFIXES, []);
  assert.equal(config.LOG_PII, false);
});

it('keeps nothing in memory or in a file of one instance on Azure', () => {
  const shared = { REDIS_URL: 'rediss://redis.example:10000', COSMOS_ENDPOINT: 'https://cosmos.example' };
  for (const sign of ['WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME', 'WEBSITE_POD_NAME', 'CONTAINER_APP_NAME']) {
    assert.throws(() => readConfig({ [sign]: 'one' }), {
      code: 'BAD_SETTING',
      message: `Missing settings: REDIS_URL, COSMOS_ENDPOINT (wanted by Azure, where ${sign} says we are)`,
    });
    assert.throws(
      () => readConfig({ [sign]: 'one', ...shared, COSMOS_ENDPOINT: '' }),
      /Missing settings: COSMOS_ENDPOINT /,
    );
    assert.equal(readConfig({ [sign]: 'one', ...shared }).isOnAzure, true);
    assert.equal(readConfig({ [sign]: 'one', FUNCTIONS_CORETOOLS_ENVIRONMENT: 'true' }).isOnAzure, false);
  }
  assert.equal(readConfig({ WEBSITE_HOSTNAME: 'localhost:7071' }).isOnAzure, false);
});

it('takes no reference to the vault for a secret that the vault did not give', () => {
  const reference = '@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/agent-secret-a)';
  assert.throws(() => readConfig({ AGENT_SECRET_A: reference, API_KEY: reference }), {
    code: 'BAD_SETTING',
    message: /the vault gives nothing for AGENT_SECRET_A, API_KEY: .*Key Vault Secrets User/,
  });
});

it('understands endpoints as the portal shows them, with the path of one API', () => {
  const read = (name: SettingName, text: string) => readConfig({ [name]: text })[name];
  const home = 'https://parley.openai.azure.com';
  for (const path of [
    '',
    '/',
    '/openai',
    '/openai/',
    '/openai/v1',
    '/openai/v1/',
    '/openai/deployments/gpt/chat/completions',
  ])
    assert.equal(read('AZURE_OPENAI_ENDPOINT', home + path), home, path);
  assert.equal(read('AZURE_OPENAI_ENDPOINT', 'https://gateway.example/ai/openai/v1'), 'https://gateway.example/ai');
  const foundry = 'https://parley.services.ai.azure.com';
  for (const path of ['/api/projects/ours', '/voice-live/realtime', '/models', '/openai/v1'])
    assert.equal(read('AZURE_VOICE_LIVE_ENDPOINT', foundry + path), foundry, path);
  const speech = 'https://parley.cognitiveservices.azure.com';
  for (const path of [
    '/stt/speech/universal/v2',
    '/cognitiveservices/v1',
    '/speech/recognition',
    '/sts/v1.0/issuetoken',
  ])
    assert.equal(read('AZURE_SPEECH_ENDPOINT', speech + path), speech, path);
  assert.equal(read('AZURE_SPEECH_ENDPOINT', 'ws://127.0.0.1:9000'), 'ws://127.0.0.1:9000');
});

it('takes of the endpoints of Cosmos DB and ACS what names the resource', () => {
  const cosmos = 'https://parley.documents.azure.com';
  for (const rest of ['', '/', ':443/', '/dbs/parley'])
    assert.equal(readConfig({ COSMOS_ENDPOINT: cosmos + rest }).COSMOS_ENDPOINT, cosmos, rest);
  assert.equal(readConfig({ COSMOS_ENDPOINT: 'https://127.0.0.1:8081/' }).COSMOS_ENDPOINT, 'https://127.0.0.1:8081');
  const acs = 'https://parley.europe.communication.azure.com';
  const ACS_RESOURCE_ID = '00000000-0000-4000-8000-000000000001';
  for (const rest of ['', '/', '/calling/callConnections'])
    assert.equal(findAcsEndpoint(readConfig({ ACS_ENDPOINT: acs + rest, ACS_RESOURCE_ID })), acs, rest);
});

it('takes a log level in any case', () => {
  assert.equal(readConfig({ LOG_LEVEL: 'INFO' }).LOG_LEVEL, 'info');
  assert.throws(() => readConfig({ LOG_LEVEL: 'loud' }), /LOG_LEVEL/);
});

it('takes an empty setting for an absent one', () => {
  assert.deepEqual(readConfig({ PUBLIC_URL: '', PORT: '', LOG_PII: '', DIAL_QUIET_HOURS: '' }), readConfig({}));
});

it('reads what it is given', () => {
  const config = readConfig({
    PUBLIC_URL: 'https://parley.example.org/',
    BRIDGE_URL: 'wss://bridge.example.org',
    PORT: '0',
    LOG_PII: 'true',
    DIAL_ALLOWED_PREFIXES: ' +1, +4420 ,',
    DIAL_QUIET_HOURS: '9-17',
    DIAL_TIME_ZONES: 'America/New_York,America/Chicago',
    UNKNOWN: 'is not ours',
  });
  assert.equal(config.PUBLIC_URL, 'https://parley.example.org');
  assert.equal(config.PORT, 0);
  assert.equal(config.LOG_PII, true);
  assert.deepEqual(config.DIAL_ALLOWED_PREFIXES, ['+1', '+4420']);
  assert.deepEqual(config.DIAL_QUIET_HOURS, { from: 9, to: 17 });
  assert.deepEqual(config.DIAL_TIME_ZONES, ['America/New_York', 'America/Chicago']);
  assert.equal('UNKNOWN' in config, false);
});

it('has no quiet hours when told so', () => {
  assert.equal(readConfig({ DIAL_QUIET_HOURS: 'none' }).DIAL_QUIET_HOURS, undefined);
});

describe('a wrong setting is named, and never told', () => {
  const wrong: readonly [SettingName, string][] = [
    ['PUBLIC_URL', 'hush.example.org'],
    ['PUBLIC_URL', 'https://example.org?code=hush'],
    ['PUBLIC_URL', 'https://example.org/?'],
    ['PUBLIC_URL', 'https://example.org#hush'],
    ['AZURE_OPENAI_ENDPOINT', 'https://example.org/openai?api-version=hush'],
    ['REDIS_URL', 'hush'],
    ['COSMOS_ENDPOINT', 'https://hush:hush@example.org'],
    ['BRIDGE_URL', 'https://hush.example.org'],
    ['PORT', '65536hush'],
    ['FUNCTIONS_PORT', '-1'],
    ['API_KEY', 'hush'],
    ['ACS_CONNECTION_STRING', 'hush'],
    ['ACS_CONNECTION_STRING', 'endpoint=http://hush.example.org/;accesskey=hush'],
    ['ACS_CONNECTION_STRING', 'endpoint=https://example.org?hush;accesskey=hush'],
    ['ACS_ENDPOINT', 'http://hush.example.org'],
    ['ACS_PHONE_NUMBER', '5550100'],
    ['ACS_RESOURCE_ID', 'hush'],
    ['ACS_AUDIO_FORMAT', 'mp3-hush'],
    ['TWILIO_ACCOUNT_SID', `XX${hex}`],
    ['VOICE_MODEL', 'hush'],
    ['AZURE_SPEECH_ENDPOINT', 'ftp://hush.example.org'],
    ['REDIS_URL', 'http://hush.example.org'],
    ['REDIS_URL', 'redis://:hush/word@127.0.0.1:6379:1'],
    ['COSMOS_ENDPOINT', 'http://hush.example.org'],
    ['MEDIA_TOKEN_SECRET', 'hush'],
    ['DIAL_ALLOWED_PREFIXES', '+1,hush'],
    ['DIAL_ALLOWED_PREFIXES', '+'],
    ['DIAL_ALLOWED_REGIONS', 'GB,Hush'],
    ['DIAL_MAX_PER_HOUR', '0'],
    ['DIAL_MAX_PARALLEL', '1.5'],
    ['DIAL_QUIET_HOURS', '21'],
    ['DIAL_QUIET_HOURS', '21-24'],
    ['DIAL_QUIET_HOURS', '8-8'],
    ['DIAL_TIME_ZONES', 'Mars/Hush'],
    ['MAX_CALLS', 'NaN'],
    ['DRAIN_SECONDS', '-1'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_PII', 'yes'],
  ];
  for (const [name, value] of wrong)
    it(`${name}=${value}`, () => {
      assert.throws(
        () => readConfig({ [name]: value }),
        (error: Error) => {
          assert.equal((error as { code?: string }).code, 'BAD_SETTING');
          assert.equal(error.message.split(name).length, 2, error.message);
          assert.doesNotMatch(error.message, /hush/i);
          return true;
        },
      );
    });

  it('together with every other wrong one', () => {
    assert.throws(() => readConfig({ PORT: 'x', PUBLIC_URL: 'x', REDIS_URL: 'x' }), {
      code: 'BAD_SETTING',
      message: /^Settings are wrong: (?=.*PORT )(?=.*PUBLIC_URL must )(?=.*REDIS_URL must )/,
    });
  });
});

describe('an unencrypted address', () => {
  for (const url of ['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1', 'https://example.org'])
    it(`may be ${url}`, () => {
      assert.equal(readConfig({ COSMOS_ENDPOINT: url }).COSMOS_ENDPOINT, url);
    });

  for (const url of [
    'http://example.org',
    'http://127.0.0.1.example.org',
    'http://localhost.example.org',
    'http://127.0.0.1@example.org',
    'http://10.0.0.4',
    'http://0.0.0.0:80',
  ])
    it(`may not be ${url}`, () => {
      assert.throws(() => readConfig({ COSMOS_ENDPOINT: url }), { code: 'BAD_SETTING' });
    });

  it('is taken in a connection string for this machine only', () => {
    const local = 'endpoint=http://127.0.0.1:4000/;accesskey=a2V5';
    assert.equal(readConfig({ ACS_CONNECTION_STRING: local }).ACS_CONNECTION_STRING, local);
  });

  it('of speech may be a web socket', () => {
    assert.equal(readConfig({ AZURE_SPEECH_ENDPOINT: 'ws://127.0.0.1:1/' }).AZURE_SPEECH_ENDPOINT, 'ws://127.0.0.1:1');
    assert.throws(() => readConfig({ AZURE_SPEECH_ENDPOINT: 'ws://example.org' }), { code: 'BAD_SETTING' });
  });
});

it('names every missing setting, and what wants it', () => {
  const config = readConfig({ PUBLIC_URL: 'https://example.org' });
  assert.throws(() => requireSettings(config, 'functions', ['PUBLIC_URL', 'BRIDGE_URL', 'MEDIA_TOKEN_SECRET']), {
    code: 'BAD_SETTING',
    message: 'Missing settings: BRIDGE_URL, MEDIA_TOKEN_SECRET (wanted by functions)',
  });
  assert.equal(requireSettings(config, 'x', ['PUBLIC_URL']).PUBLIC_URL, 'https://example.org');
});

describe('an ACS resource', () => {
  const elsewhere = 'endpoint=https://example.communication.azure.com/;accesskey=a2V5';
  const missing = { code: 'BAD_SETTING', message: /^Missing settings: ACS_RESOURCE_ID / };

  it('outside this machine is told by its id, whichever way it is named', () => {
    assert.throws(() => readConfig({ ACS_CONNECTION_STRING: elsewhere }), missing);
    assert.throws(() => readConfig({ ACS_ENDPOINT: 'https://example.communication.azure.com' }), missing);
    const ACS_RESOURCE_ID = '00000000-0000-4000-8000-0000000000AC';
    assert.equal(readConfig({ ACS_CONNECTION_STRING: elsewhere, ACS_RESOURCE_ID }).ACS_RESOURCE_ID, ACS_RESOURCE_ID);
  });

  it('on this machine needs none', () => {
    assert.ok(readConfig({ ACS_ENDPOINT: 'http://[::1]:4000' }));
    assert.ok(readConfig({ ACS_CONNECTION_STRING: 'endpoint=http://127.0.0.1:4000/;accesskey=a2V5' }));
  });
});

it('does not take a Twilio account without the token that it needs', () => {
  assert.throws(() => readConfig({ TWILIO_ACCOUNT_SID: `AC${hex}` }), {
    code: 'BAD_SETTING',
    message: 'Missing settings: TWILIO_AUTH_TOKEN (wanted by TWILIO_ACCOUNT_SID)',
  });
  assert.ok(readConfig({ TWILIO_ACCOUNT_SID: `AC${hex}`, TWILIO_AUTH_TOKEN: 'token' }));
});

describe('local.settings.sample.json', () => {
  const sample = JSON.parse(readFileSync(new URL('../local.settings.sample.json', import.meta.url), 'utf8')) as {
    IsEncrypted: boolean;
    Values: Record<string, string>;
  };
  const { FUNCTIONS_WORKER_RUNTIME, AzureWebJobsStorage, ...ours } = sample.Values;

  it('lists every setting and no other, besides those of the Functions host', () => {
    assert.deepEqual(Object.keys(ours), settingNames);
    assert.equal(FUNCTIONS_WORKER_RUNTIME, 'node');
    assert.equal(typeof AzureWebJobsStorage, 'string');
  });

  it('shows the defaults', () => {
    assert.deepEqual(readConfig(ours), readConfig({}));
  });
});
