// Whole conversations of the realtime models with the stand-in of both services, which hears and checks what it is sent.
import '../../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { parseAgent } from '../../../shared/agents/agent.ts';
import type { CallId } from '../../../shared/call/call.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { encodeWireAudio } from '../../../simulator/realtime/audio-wire.ts';
import { startProbed } from '../../../simulator/realtime/realtime-probe.ts';
import { resample } from '../../../simulator/voice/resample.ts';
import { bytesPerMs, createSilence, mulaw8k, pcm16k } from '../../audio/audio-format.ts';
import type { VoiceModel, VoiceModelEvent } from '../voice-model.ts';
import { createOpenAiDialect } from './openai-dialect.ts';
import type { RealtimeDialect } from './realtime-dialect.ts';
import { openRealtimeModel } from './realtime-model.ts';
import { createVoiceLiveDialect } from './voice-live-dialect.ts';

// There is no bridge here that could decide whose turn it is.
const agent = parseAgent(
  'test.md',
  '---\nname: test\nturn_taking: { decided_by: model }\n---\nYou are the receptionist.',
);
const noteTool = { name: 'take_note', description: 'Takes a note.', parameters: { type: 'object', properties: {} } };

let world: Awaited<ReturnType<typeof startProbed>>;
before(async () => {
  world = await startProbed({ timing: { audioSpeed: 20, firstAudioMs: 0, transcriptionMs: 0 } });
});
after(() => world.stop());

const transcriptionDeployment = 'gpt-4o-transcribe';
const dialects: Record<string, (endpoint: string) => RealtimeDialect> = {
  'gpt-realtime': (endpoint) => createOpenAiDialect({ endpoint, deployment: 'gpt-realtime', transcriptionDeployment }),
  'voice-live': (endpoint) => createVoiceLiveDialect({ endpoint, model: 'gpt-realtime' }),
  'voice-live with a voice of its own': (endpoint) => createVoiceLiveDialect({ endpoint, model: 'azure-realtime' }),
  'voice-live with a text model': (endpoint) => createVoiceLiveDialect({ endpoint, model: 'gpt-4.1' }),
};

async function open(t: TestContext, kind: string, carrierFormat = mulaw8k, profile = agent) {
  const opened = world.service.nextSession();
  const { url, apiKey } = world.service;
  const model = await openRealtimeModel(
    { dialect: dialects[kind]!(url), access: { apiKey }, log: silentLogger },
    {
      callId: 'call-1' as CallId,
      agent: profile,
      instructions: 'You are the receptionist.',
      tools: [noteTool],
      history: [],
      carrierFormat,
      signal: new AbortController().signal,
    },
  );
  const session = await opened;
  const events: VoiceModelEvent[] = [];
  let wake = () => {};
  model.listen((event) => {
    events.push(event);
    wake();
  });
  t.after(() => {
    model.close();
    assert.deepEqual(session.log.of('(refused)'), []);
  });
  return {
    model,
    session,
    events,
    /** The first event that fits, already there or to come. */
    async first<Type extends VoiceModelEvent['type']>(type: Type, fits: (event: never) => boolean = () => true) {
      for (;;) {
        const found = events.find((event) => event.type === type && fits(event as never));
        if (found) return found as Extract<VoiceModelEvent, { type: Type }>;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/** Half a second of silence, the words, a second and a half of silence, in frames. */
async function say(model: VoiceModel, text: string): Promise<void> {
  const { encoding, sampleRate } = model.inputFormat;
  const words = resample(await world.speak(text), 16000, sampleRate);
  const spoken = Buffer.from(encodeWireAudio(words, { encoding, sampleRate }), 'base64');
  const [before, after] = [createSilence(model.inputFormat, 500), createSilence(model.inputFormat, 1500)];
  const audio = Buffer.concat([before, spoken, after]);
  const size = bytesPerMs(model.inputFormat) * 20;
  for (let at = 0; at < audio.length; at += size) model.sendAudio(audio.subarray(at, at + size));
}

const isFinal = (event: { role: string; final: boolean }) => event.role === 'agent' && event.final;

describe('a session', () => {
  for (const kind of Object.keys(dialects))
    it(`is accepted for an agent of any language (${kind})`, async (t) => {
      for (const languages of [
        'language: de-DE',
        'language: en-US\nlanguages: [fr-FR]',
        'language: ja-JP\nphrases: [Contoso]',
      ])
        await open(t, kind, pcm16k, parseAgent('test.md', `---\nname: test\n${languages}\n---\nBe kind.`));
    });
});

describe('a conversation', () => {
  for (const kind of Object.keys(dialects)) {
    for (const carrierFormat of [mulaw8k, pcm16k]) {
      it(`greets, hears and answers (${kind}, ${carrierFormat.encoding})`, async (t) => {
        const { model, events, first } = await open(t, kind, carrierFormat);
        model.requestReply({ say: 'Thank you for calling Contoso.' });
        const greeting = await first('transcript', isFinal);
        assert.equal(greeting.text, 'Thank you for calling Contoso.');
        const greeted = await first('reply-finished');
        assert.equal(greeted.outcome, 'completed');
        await say(model, 'What are your opening hours?');
        await first('caller-stopped-speaking');
        const isOther = (event: { replyId: string }) => event.replyId !== greeted.replyId;
        const answered = await first('reply-finished', isOther);
        const answer = await first(
          'transcript',
          (e: { turnId: string; final: boolean }) => e.turnId === answered.replyId && e.final,
        );
        assert.equal(answer.text, 'We are open from nine to five, Monday to Friday.');
        const asked = await first(
          'transcript',
          (e: { role: string; final: boolean }) => e.role === 'caller' && e.final,
        );
        assert.equal(asked.text, 'What are your opening hours?');
        const heard = events.flatMap((e) =>
          e.type === 'audio' && e.replyId === answered.replyId ? [e.audio.length] : [],
        );
        const ms = heard.reduce((sum, bytes) => sum + bytes, 0) / bytesPerMs(model.outputFormat);
        assert.ok(ms > 2000 && ms < 6000, `${ms} ms`);
      });
    }

    it(`is cut where the caller stopped listening (${kind})`, async (t) => {
      const { model, session, first } = await open(t, kind);
      model.requestReply({ say: 'This is a long sentence, and the caller will not listen to the whole of it.' });
      const { replyId } = await first('audio');
      await say(model, 'What are your opening hours?');
      await first('caller-started-speaking');
      model.interrupt(replyId, 123.7);
      await first('reply-finished', (event: { replyId: string }) => event.replyId !== replyId);
      assert.deepEqual(
        session.log.truncations.map(({ audioEndMs }) => audioEndMs),
        [123],
      );
      assert.deepEqual(session.log.of('error'), []);
    });

    it(`goes on when it is cut before a word was heard (${kind})`, async (t) => {
      const { model, session, first } = await open(t, kind);
      model.requestReply({ say: 'Nobody will hear this.' });
      const { replyId } = await first('audio');
      model.interrupt(replyId, 0);
      model.requestReply({ say: 'But this.' });
      const next = await first(
        'transcript',
        (event: { turnId: string; final: boolean }) => event.turnId !== replyId && event.final,
      );
      assert.equal(next.text, 'But this.');
      assert.equal(session.log.of('conversation.item.deleted').length, 1);
    });

    it(`uses a tool (${kind})`, async (t) => {
      const { model, session, first } = await open(t, kind);
      await say(model, 'Please call me back.');
      const call = await first('tool-call');
      assert.equal(call.name, 'take_note');
      model.sendToolResult(call.toolCallId, '{"ok":true}');
      const report = await first('transcript', isFinal);
      assert.notEqual(report.text, '');
      await first('reply-finished');
      assert.deepEqual(session.log.of('error'), []);
    });
  }

  it('is over when the service kills it', async (t) => {
    const { session, first } = await open(t, 'gpt-realtime');
    world.service.kill(session, 1011);
    assert.equal((await first('closed')).error?.code, 'MODEL_UNAVAILABLE');
  });
});
