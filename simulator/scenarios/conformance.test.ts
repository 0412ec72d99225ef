// A call with all that the product says to either cloud, in both dialects of the model: each message is one that the cloud takes.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { PersonStep } from '../caller/person-script.ts';
import { checkConformance } from './conformance.ts';
import { ringAs } from './inbound-call.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

const script: readonly PersonStep[] = [
  { afterAgentSpokeMs: 500, say: 'Please tell me about your company.' },
  { afterAgentSpokeMs: 800, say: 'What time is it?' },
  { wait: 'agent-finished' },
  { press: '4' },
  { wait: 'agent-finished' },
  { say: 'Goodbye.' },
  { wait: 'line-closed' },
];
/** Each at least once, and nothing else. Where the model decides whose turn it is, the service itself cancels a reply. */
const sentTypes = [
  'conversation.item.create',
  'conversation.item.truncate',
  'response.cancel',
  'response.create',
  'session.update',
];

describe('a call says only what is taken', { concurrency: true }, () => {
  it('by ACS and by Azure OpenAI Realtime', (t) => checkCall(t, 'gpt-realtime', 'realtime-ga'));
  it('by ACS and by Azure Voice Live', (t) => checkCall(t, 'voice-live', 'voice-live'));
});

async function checkCall(t: TestContext, VOICE_MODEL: string, dialect: string): Promise<void> {
  // Spoken so slowly that an interruption meets a reply in the making.
  const realtimeTiming = { firstAudioMs: 50, audioSpeed: 1.5, transcriptionMs: 50 };
  const world = await startScenarioWorld({ settings: { VOICE_MODEL, TURN_TAKING: 'bridge' }, realtimeTiming });
  t.after(() => world.stop());
  const calls = await LiveCalls.open(world);
  t.after(() => calls.close());
  const { session, call, callId, done } = await ringAs(world, '+15550180', script);
  const report = await done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.equal(await calls.ended('+15550180'), 'agent-hung-up');

  checkConformance(world);
  assert.equal(session.dialect, dialect);
  const sent = session.log.events.filter(({ from }) => from === 'client').map(({ type }) => type);
  assert.deepEqual([...new Set(sent)].sort(), sentTypes);

  const { acs } = world.standIns;
  assert.deepEqual(
    acs.requests.map(({ method, operation, status, repeated }) => ({ method, operation, status, repeated })),
    [
      { method: 'POST', operation: 'answerCall', status: 200, repeated: false },
      { method: 'POST', operation: 'terminate', status: 204, repeated: false },
    ],
  );
  const [answer] = call.operations;
  const { functionsUrl, bridgeUrl } = world.product;
  assert.partialDeepStrictEqual(answer!.body, {
    callbackUri: `${functionsUrl}/api/callbacks/${callId}`,
    operationContext: callId,
    mediaStreamingOptions: {
      transportType: 'websocket',
      audioChannelType: 'unmixed',
      contentType: 'audio',
      startMediaStreaming: true,
      enableBidirectional: true,
      audioFormat: 'pcm16kmono',
      enableDtmfTones: true,
    },
  });
  const { transportUrl } = (answer!.body as { mediaStreamingOptions: { transportUrl: string } }).mediaStreamingOptions;
  assert.ok(transportUrl.startsWith(`${bridgeUrl.replace('http', 'ws')}/media/acs/${callId}/`), transportUrl);
  assert.doesNotMatch(Buffer.from(transportUrl.split('.')[1]!, 'base64url').toString(), /15550180/);
  // Whole frames of 20 ms, whatever the model's pieces were.
  assert.deepEqual([...new Set(call.media.frames.map(({ bytes }) => bytes))], [640]);
}
