// Which settings of other samples are understood, and what is said of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig, settingNames } from './config.ts';
import { createLogger } from './logger.ts';
import { logForeignSettings, translateSettings } from './setting-aliases.ts';

const acs = 'endpoint=http://127.0.0.1:9000;accesskey=c2VjcmV0';
const sample = {
  AZURE_ACS_CONN_KEY: acs,
  CALLBACK_URI_HOST: 'wss://voice.example',
  BASE_URL: 'https://parley.example/',
  AZURE_OPENAI_MODEL_NAME: 'gpt-realtime-2',
  AZURE_VOICELIVE_ENDPOINT: 'https://parley.services.ai.azure.com/api/projects/ours',
  AZURE_VOICELIVE_API_KEY: 'key',
  AZURE_VOICELIVE_MODEL: 'gpt-5-mini',
  ACS_SOURCE_PHONE_NUMBER: '+15550100',
};

describe('settings of other samples', () => {
  it('are taken for ours where they mean the same', () => {
    const config = readConfig(sample);
    assert.equal(config.ACS_CONNECTION_STRING, acs);
    assert.equal(config.BRIDGE_URL, 'wss://voice.example');
    assert.equal(config.PUBLIC_URL, 'https://parley.example');
    assert.equal(config.AZURE_OPENAI_REALTIME_DEPLOYMENT, 'gpt-realtime-2');
    assert.equal(config.AZURE_VOICE_LIVE_ENDPOINT, 'https://parley.services.ai.azure.com');
    assert.equal(config.AZURE_VOICE_LIVE_API_KEY, 'key');
    assert.equal(config.VOICE_LIVE_MODEL, 'gpt-5-mini');
    assert.equal(config.ACS_PHONE_NUMBER, '+15550100');
    assert.equal(readConfig({ CALLBACK_URI_HOST: 'https://parley.example' }).PUBLIC_URL, 'https://parley.example');
  });

  it('give way to ours', () => {
    const config = readConfig({ ...sample, PUBLIC_URL: 'https://ours.example' });
    assert.equal(config.PUBLIC_URL, 'https://ours.example');
    assert.ok(!config.foreign.some(({ name }) => name === 'BASE_URL'));
    assert.equal(readConfig({ ...sample, PUBLIC_URL: '' }).PUBLIC_URL, 'https://parley.example');
  });

  it('that mean something else under the same name are left alone', () => {
    assert.deepEqual(translateSettings({ BASE_URL: '/app' }), { settings: { BASE_URL: '/app' }, foreign: [] });
  });

  it('are named when their value is wrong, since the operator knows no other name', () => {
    assert.throws(() => readConfig({ AZURE_ACS_CONN_KEY: 'secret' }), {
      code: 'BAD_SETTING',
      message: /^Settings are wrong: ACS_CONNECTION_STRING \(given as AZURE_ACS_CONN_KEY\) must look like/,
    });
  });

  it('are told in the log, each with the name that it has here, and none with its value', () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ level: 'info', showPii: true, service: 'test', destination });
    const config = readConfig({ AZURE_ACS_CONN_KEY: acs, VOICE: 'marin', WEBRTC_URL: 'https://rtc.example' });
    logForeignSettings(config.foreign, log);
    const told = lines.map((line) => JSON.parse(line)).map(({ setting, ours, message }) => [setting, ours, message]);
    assert.deepEqual(told, [
      ['AZURE_ACS_CONN_KEY', 'ACS_CONNECTION_STRING', 'a setting was taken for the one of ours that means the same'],
      ['VOICE', "`voices` in the agent's file", 'a setting is not read: something else has its place'],
      ['WEBRTC_URL', 'nothing', 'a setting is not read: something else has its place'],
    ]);
    assert.ok(!/c2VjcmV0|marin|rtc\.example/.test(lines.join()));
  });

  it('are none of our own, and stand for settings that there are', () => {
    const known = settingNames as readonly string[];
    const everything = Object.fromEntries(Object.keys(sample).map((name) => [name, 'https://x.example']));
    for (const { name, ours } of translateSettings(everything).foreign) {
      assert.ok(!known.includes(name), name);
      assert.ok(known.includes(ours), ours);
    }
  });
});
