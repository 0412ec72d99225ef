// Which settings the bridge does not start with, and how it names them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig } from '../shared/config.ts';
import { AppError } from '../shared/errors.ts';
import { silentLogger } from '../shared/logger.ts';
import { MemoryCallStream } from '../shared/stores/memory-call-stream.ts';
import { createMemoryStores } from '../shared/stores/memory-stores.ts';
import { createBridgeServices } from './services.ts';

const settings = {
  MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters',
  AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:9',
  AZURE_OPENAI_API_KEY: 'key',
};

function create(changes: Record<string, string> = {}) {
  const stream = new MemoryCallStream();
  const stores = { ...createMemoryStores(), stream };
  return createBridgeServices(readConfig({ ...settings, ...changes }), { stores, log: silentLogger });
}

describe('createBridgeServices', () => {
  it('starts with a secret and a model, and asks ACS for tokens only where it knows the resource', async () => {
    assert.equal((await create()).acsTokens, undefined);
    const resourceId = '00000000-0000-4000-8000-0000000000ac';
    assert.ok((await create({ ACS_RESOURCE_ID: resourceId })).acsTokens);
  });

  for (const [what, changes, message] of [
    ['no secret', { MEDIA_TOKEN_SECRET: '' }, /MEDIA_TOKEN_SECRET/],
    [
      'no model at all',
      { AZURE_OPENAI_ENDPOINT: '' },
      /gpt-realtime wants AZURE_OPENAI_ENDPOINT; or voice-live wants AZURE_VOICE_LIVE_ENDPOINT; or cascade wants AZURE_SPEECH_ENDPOINT and AZURE_OPENAI_ENDPOINT$/,
    ],
    [
      'a first model that is not set up',
      { VOICE_MODEL: 'voice-live' },
      /^VOICE_MODEL: voice-live wants AZURE_VOICE_LIVE_ENDPOINT$/,
    ],
    [
      'a cascade without a chat model',
      { AZURE_OPENAI_ENDPOINT: '', AZURE_SPEECH_ENDPOINT: 'ws://127.0.0.1:9' },
      /cascade wants AZURE_OPENAI_ENDPOINT$/,
    ],
    [
      'a default agent that there is not',
      { DEFAULT_AGENT: 'nobody' },
      /DEFAULT_AGENT names nobody; there are: .*receptionist/,
    ],
    ['a folder of agents that there is not', { AGENTS_FOLDER: 'no-such-folder' }, /AGENTS_FOLDER \(no-such-folder\)/],
    ['a door to the network without a key', { HOST: '0.0.0.0' }, /API_KEY.*HOST/],
  ] as const) {
    it(`does not start with ${what}`, async () => {
      await assert.rejects(
        async () => create(changes),
        (error) => error instanceof AppError && error.code === 'BAD_SETTING' && message.test(error.message),
      );
    });
  }
});
