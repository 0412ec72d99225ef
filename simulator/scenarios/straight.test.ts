// Where carrier and model speak the same format, no sample is touched on its way: compared byte by byte on both wires.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { findFreePort } from '../world/free-port.ts';
import type { Settings } from '../world/product.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';
import { startWireTap, type TappedMessage, type TappedSocket, type WireTap } from './wire-tap.ts';

const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'What are your opening hours?' },
  { wait: 'agent-finished' },
  { hangUp: true },
];
/** The shortest sentence has more than a second; all of them have seven. */
const leastReplyMs = 1_000;
const leastSpeechMs = 6_000;
const leastSinceFirstWordMs = 5_000;
const frameMs = 20;

interface Format {
  readonly name: string;
  readonly carrier: Carrier;
  readonly bytesPerMs: number;
  /** Each byte of it. */
  readonly silence: number;
  readonly settings: Settings;
  /** In which directions the formats are the same. */
  readonly straight: Partial<Record<VoiceModelKind, 'both' | 'out'>>;
}

const formats: readonly Format[] = [
  {
    name: 'ACS at 16 kHz',
    carrier: 'acs',
    bytesPerMs: 32,
    silence: 0,
    settings: {},
    straight: { 'voice-live': 'both', cascade: 'both' },
  },
  {
    name: 'ACS at 24 kHz',
    carrier: 'acs',
    bytesPerMs: 48,
    silence: 0,
    settings: { ACS_AUDIO_FORMAT: 'pcm24k' },
    straight: { 'gpt-realtime': 'both', 'voice-live': 'both', cascade: 'out' },
  },
  {
    name: 'Twilio in mu-law',
    carrier: 'twilio',
    bytesPerMs: 8,
    silence: 0xff,
    settings: {},
    straight: { 'gpt-realtime': 'both', 'voice-live': 'both', cascade: 'both' },
  },
];

/** What went over the two wires of one call. */
interface Wires {
  readonly fromCaller: Buffer;
  readonly toCaller: Buffer;
  readonly toModel: Buffer;
  /** One a reply, or one a sentence where sentences are spoken one by one. */
  readonly fromModel: readonly Buffer[];
}

describe('no sample is touched', { concurrency: true }, () => {
  for (const format of formats) {
    describe(format.name, { concurrency: true }, () => {
      let world: World;
      let calls: LiveCalls;
      let carrierTap: WireTap;
      let openAiTap: WireTap;
      let voiceLiveTap: WireTap;
      let speechTap: WireTap;

      before(async () => {
        const taps = await Promise.all([startWireTap(), startWireTap(), startWireTap(), startWireTap()]);
        [carrierTap, openAiTap, voiceLiveTap, speechTap] = taps;
        const bridgePort = await findFreePort();
        carrierTap.passTo(`http://127.0.0.1:${bridgePort}`);
        world = await startScenarioWorld({
          bridgePort,
          settings: {
            ...format.settings,
            BRIDGE_URL: carrierTap.url.replace('http', 'ws'),
            AZURE_OPENAI_ENDPOINT: openAiTap.url,
            AZURE_VOICE_LIVE_ENDPOINT: voiceLiveTap.url,
            AZURE_SPEECH_ENDPOINT: speechTap.url.replace('http', 'ws'),
          },
        });
        openAiTap.passTo(world.standIns.settings.AZURE_OPENAI_ENDPOINT!);
        voiceLiveTap.passTo(world.standIns.realtime.url);
        speechTap.passTo(world.standIns.speech.url);
        calls = await LiveCalls.open(world);
      });
      after(async () => {
        calls.close();
        await world.stop();
        await Promise.all([carrierTap, openAiTap, voiceLiveTap, speechTap].map((tap) => tap.stop()));
      });

      for (const [model, directions] of Object.entries(format.straight) as [VoiceModelKind, 'both' | 'out'][]) {
        it(model, async (t) => {
          const number = numbers[model];
          const phone = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
          await placeCall(world, {
            carrier: format.carrier,
            direction: 'outbound',
            number,
            phone,
            model,
            context: { number },
          });
          const report = await phone.done;
          assert.equal(report.outcome, 'finished', report.reason);
          await calls.ended(number);
          const callId = await calls.callId(number);
          const carrierWire = carrierTap.sockets.find(({ path }) => path.includes(callId))!;
          const modelTap = { 'gpt-realtime': openAiTap, 'voice-live': voiceLiveTap, cascade: speechTap }[model];
          const modelWires = model === 'cascade' ? speechTap.sockets : findSession(modelTap, number);
          const wires = readWires(carrierWire, modelWires);
          checkStraightOut(wires, format.bytesPerMs);
          if (directions === 'out') return;
          const madeUpMs = checkStraightIn(wires, format);
          if (madeUpMs > 0) t.diagnostic(`${madeUpMs} ms of silence were made up`);
        });
      }
    });
  }
});

const numbers: Record<VoiceModelKind, string> = {
  'gpt-realtime': '+15550121',
  'voice-live': '+15550122',
  cascade: '+15550123',
};

/** What the model said lies in what the caller got, reply by reply, in order. */
function checkStraightOut({ fromModel, toCaller }: Wires, bytesPerMs: number): void {
  const speechBytes = fromModel.reduce((sum, { length }) => sum + length, 0);
  assert.ok(speechBytes > leastSpeechMs * bytesPerMs, `${speechBytes} bytes of speech`);
  let at = 0;
  for (const reply of fromModel) {
    assert.ok(reply.length > leastReplyMs * bytesPerMs, `a reply of ${reply.length} bytes`);
    const found = toCaller.indexOf(reply, at);
    assert.ok(found >= 0, `a reply of ${reply.length} bytes did not reach the caller as it was`);
    at = found + reply.length;
  }
}

/**
 * What the model got is what the carrier sent, from the caller's first word on, without a gap. Returns how much silence lies
 * between: a machine that is busy sends its frames late, and the product makes up silence for those that do not come.
 */
function checkStraightIn({ toModel, fromCaller }: Wires, { bytesPerMs, silence }: Format): number {
  const [got, sent] = [toModel, fromCaller].map((audio) => cutLeadingSilence(audio, frameMs * bytesPerMs, silence));
  assert.ok(got!.length > leastSinceFirstWordMs / frameMs, `only ${got!.length} frames since the first word`);
  let next = 0;
  for (const [at, frame] of got!.entries()) {
    if (sent![next]?.equals(frame)) next++;
    else
      assert.ok(
        frame.every((byte) => byte === silence),
        `frame ${at} since the first word was not sent so`,
      );
  }
  return (got!.length - next) * frameMs;
}

function cutLeadingSilence(audio: Buffer, frameBytes: number, silence: number): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < audio.length; at += frameBytes) {
    const frame = audio.subarray(at, at + frameBytes);
    if (frames.length > 0 || frame.some((byte) => byte !== silence)) frames.push(frame);
  }
  return frames;
}

function readWires(carrier: TappedSocket, model: readonly TappedSocket[]): Wires {
  return {
    fromCaller: Buffer.concat(carrier.sent.flatMap(readCarrierAudio)),
    toCaller: Buffer.concat(carrier.answered.flatMap(readCarrierAudio)),
    toModel: Buffer.concat(model.flatMap(({ sent }) => sent.flatMap(readModelInput))),
    fromModel: model.flatMap(({ answered }) => readReplies(answered)),
  };
}

function findSession({ sockets }: WireTap, number: string): readonly TappedSocket[] {
  const isIt = ({ data }: TappedMessage) => data.includes('"session.update"') && data.includes(number);
  return sockets.filter(({ sent }) => sent.some(isIt));
}

function readCarrierAudio({ data }: TappedMessage): Buffer[] {
  const message = JSON.parse(data.toString());
  const base64 = message.media?.payload ?? message.audioData?.data ?? message.AudioData?.Data;
  return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
}

function readModelInput({ data, isBinary }: TappedMessage): Buffer[] {
  if (isBinary) {
    const frame = readSpeechFrame(data);
    // The RIFF header comes as a frame of its own.
    return frame.path === 'audio' && !frame.isRiff ? [frame.body] : [];
  }
  if (!data.includes('"input_audio_buffer.append"')) return [];
  return [Buffer.from(JSON.parse(data.toString()).audio, 'base64')];
}

function readReplies(messages: readonly TappedMessage[]): Buffer[] {
  const replies = new Map<string, Buffer[]>();
  const add = (id: string, audio: Buffer) => replies.set(id, [...(replies.get(id) ?? []), audio]);
  for (const { data, isBinary } of messages) {
    if (isBinary) {
      const frame = readSpeechFrame(data);
      if (frame.path === 'audio') add(frame.requestId, frame.body);
    } else if (/"response\.(output_)?audio\.delta"/.test(data.toString('latin1', 0, 200))) {
      const { item_id, delta } = JSON.parse(data.toString());
      add(item_id, Buffer.from(delta, 'base64'));
    }
  }
  return [...replies.values()].map((pieces) => Buffer.concat(pieces));
}

/** Two bytes of length, headers, and the rest. */
function readSpeechFrame(data: Buffer): { path: string; requestId: string; isRiff: boolean; body: Buffer } {
  const end = 2 + data.readUInt16BE(0);
  const headers = data.toString('latin1', 2, end);
  const header = (name: string) => new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(headers)?.[1] ?? '';
  const isRiff = header('content-type') === 'audio/x-wav';
  return { path: header('path'), requestId: header('x-requestid'), isRiff, body: data.subarray(end) };
}
