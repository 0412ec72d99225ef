// What every voice model does, as tests to register against one of them with its service on this machine.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId, Turn } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { type AudioFormat, createSilence, frameBytes, mulaw8k, pcm16k, pcm24k } from '../audio/audio-format.ts';
import type { OpenVoiceModel, VoiceModel, VoiceModelEvent, VoiceModelOptions } from './voice-model.ts';

/** What the service behind a model must know: it answers these words, heard, with those. */
export const contractPhrases = [
  { heard: 'What are your opening hours?', reply: 'We are open from nine to five.' },
  {
    heard: 'Please take a note.',
    tool: { name: 'take_note', arguments: { text: 'A note.' }, report: 'I have taken a note.' },
  },
] as const;

/** What the model is told to say, beside the answers. */
export const contractWords = {
  greeting: 'Good morning.',
  short: 'Of course.',
  long: 'Contoso was founded forty years ago in a small garage. Today we make furniture for offices and for homes.',
} as const;

/** The service behind a model, and ears and a mouth for the two ends of the conversation. */
export interface ModelService {
  readonly open: OpenVoiceModel;
  /** What the model settles on for a carrier that speaks this. */
  formatsFor(carrier: AudioFormat): { readonly input: AudioFormat; readonly output: AudioFormat };
  /** The voice of a caller. */
  speak(text: string, format: AudioFormat): Promise<Buffer>;
  /** Which of the words above these are. */
  recognize(audio: Buffer, format: AudioFormat): string | undefined;
  /** What the service was told of the conversation before its last reply, oldest first. */
  memory(): readonly { readonly role: Turn['role']; readonly text: string }[];
  /** The next opening is answered with this HTTP status; undefined: it is welcome again. */
  refuse(status: 401 | 429 | 503 | undefined): void;
  /** Drops what is open, and does not come back. */
  die(): void;
}

// There is no bridge here that could decide whose turn it is.
const agent = parseAgent(
  'test.md',
  '---\nname: test\ntools: [take_note]\nturn_taking: { decided_by: model }\n---\nBe brief.',
);
const takeNote = { name: 'take_note', description: 'Takes a note.', parameters: { type: 'object', properties: {} } };
/** What every service takes for the end of a turn. */
const endOfTurnMs = 1500;

export function testVoiceModel(getService: () => ModelService) {
  const open = async (t: TestContext, options: Partial<VoiceModelOptions> = {}) => {
    const model = await getService().open({ ...defaults(), ...options });
    t.after(() => model.close());
    return { model, ...follow(model) };
  };

  for (const format of [pcm16k, pcm24k, mulaw8k]) {
    describe(`for a carrier with ${format.encoding} at ${format.sampleRate} Hz`, () => {
      it('settles on formats before it is open, and speaks and hears in them', async (t) => {
        const { model, events, until, audioOf } = await open(t, { carrierFormat: format });
        const { input, output } = getService().formatsFor(format);
        assert.deepEqual([model.inputFormat, model.outputFormat], [input, output]);
        const sentence = await getService().speak(contractPhrases[0].heard, input);
        sayTo(model, sentence);
        const answer = await until('reply-finished');
        assert.equal(getService().recognize(audioOf(answer.replyId), output), contractPhrases[0].reply);
        await until('transcript', ({ role, final }) => role === 'caller' && final);
        const types = events.map(({ type }) => type);
        const order = (['caller-started-speaking', 'caller-stopped-speaking', 'reply-started'] as const).map((type) =>
          types.indexOf(type),
        );
        assert.ok(!order.includes(-1), String(types));
        assert.deepEqual(
          order.toSorted((a, b) => a - b),
          order,
        );
        const words = events.filter((event) => event.type === 'transcript' && event.role === 'caller' && event.final);
        assert.deepEqual(
          words.map((event) => event.type === 'transcript' && event.text),
          [contractPhrases[0].heard],
        );
      });
    });
  }

  it('says the very words it is given: a reply begins, sounds, is written down, and is finished, in this order', async (t) => {
    const { model, events, until, audioOf } = await open(t);
    model.requestReply({ say: contractWords.short });
    const { replyId, outcome } = await until('reply-finished');
    assert.equal(outcome, 'completed');
    assert.equal(getService().recognize(audioOf(replyId), model.outputFormat), contractWords.short);
    const ofReply = events.filter(
      (event) => ('replyId' in event && event.replyId === replyId) || ('turnId' in event && event.turnId === replyId),
    );
    assert.equal(ofReply.length, events.length, 'something else happened');
    const steps = ofReply.filter((event) => event.type !== 'transcript' || event.final).map(({ type }) => type);
    assert.deepEqual(
      steps.filter((type, i) => type !== steps[i - 1]),
      ['reply-started', 'audio', 'transcript', 'reply-finished'],
    );
    const final = ofReply.find((event) => event.type === 'transcript' && event.final);
    assert.equal(final?.type === 'transcript' && final.text.trim(), contractWords.short);
  });

  it('keeps what happens until somebody listens', async (t) => {
    const model = await getService().open(defaults());
    t.after(() => model.close());
    model.requestReply({ say: contractWords.short });
    // Long enough for a reply to have begun or not: either way nothing of it may be missing.
    await new Promise((resolve) => setImmediate(resolve));
    const { events, until, audioOf } = follow(model);
    const { replyId } = await until('reply-finished');
    assert.equal(events[0]?.type, 'reply-started');
    assert.equal(getService().recognize(audioOf(replyId), model.outputFormat), contractWords.short);
  });

  it('lets a second reply wait until the first is made', async (t) => {
    const { model, events, until, audioOf } = await open(t);
    model.requestReply({ say: contractWords.greeting });
    model.requestReply({ say: contractWords.short });
    const first = await until('reply-finished');
    const second = await until('reply-finished', ({ replyId }) => replyId !== first.replyId);
    const steps = events.filter(({ type }) => type === 'reply-started' || type === 'reply-finished');
    assert.deepEqual(
      steps.map((event) => 'replyId' in event && event.replyId),
      [first.replyId, first.replyId, second.replyId, second.replyId],
    );
    const { recognize } = getService();
    assert.deepEqual(
      [first, second].map(({ replyId }) => recognize(audioOf(replyId), model.outputFormat)),
      [contractWords.greeting, contractWords.short],
    );
  });

  it('gives up what it is making, and what waits, for what it is asked again', async (t) => {
    const { model, events, until, audioOf } = await open(t);
    model.requestReply({ say: contractWords.long });
    model.requestReply({ say: contractWords.greeting });
    const first = await until('reply-started');
    model.interrupt(first.replyId, 0);
    model.askAgain({ say: contractWords.short });
    const { replyId } = await until('reply-finished', (event) => event.replyId !== first.replyId);
    assert.equal(getService().recognize(audioOf(replyId), model.outputFormat), contractWords.short);
    const started = events.filter(({ type }) => type === 'reply-started');
    assert.equal(started.length, 2);
  });

  it('answers when it is asked to what the caller said before it was there', async (t) => {
    const history = [{ role: 'caller', text: contractPhrases[0].heard, interrupted: false, at: 0 }] as const;
    const { model, until, audioOf } = await open(t, { history });
    model.requestReply({ answer: true });
    const { replyId } = await until('reply-finished');
    assert.equal(getService().recognize(audioOf(replyId), model.outputFormat), contractPhrases[0].reply);
  });

  it('calls a tool and speaks of what it answered', async (t) => {
    const { model, until, audioOf } = await open(t);
    sayTo(model, await getService().speak(contractPhrases[1].heard, model.inputFormat));
    const { toolCallId, name, input } = await until('tool-call');
    assert.deepEqual([name, JSON.parse(input)], ['take_note', { text: 'A note.' }]);
    model.sendToolResult(toolCallId, '{"kept":true}');
    const { replyId } = await until('reply-finished', (event) => audioOf(event.replyId).length > 0);
    assert.equal(getService().recognize(audioOf(replyId), model.outputFormat), contractPhrases[1].tool.report);
  });

  it('says nothing of a result that wants no reply, and answers the next turn', async (t) => {
    const { model, until, audioOf } = await open(t);
    sayTo(model, await getService().speak(contractPhrases[1].heard, model.inputFormat));
    const { toolCallId } = await until('tool-call');
    model.sendToolResult(toolCallId, '{"kept":true}', { wantsReply: false });
    sayTo(model, await getService().speak(contractPhrases[0].heard, model.inputFormat));
    const { replyId } = await until('reply-finished', (event) => audioOf(event.replyId).length > 0);
    assert.equal(getService().recognize(audioOf(replyId), model.outputFormat), contractPhrases[0].reply);
  });

  it('answers what the caller did without speaking', async (t) => {
    const { model, until, audioOf } = await open(t);
    model.sendText(contractPhrases[0].heard);
    const { replyId } = await until('reply-finished');
    assert.equal(getService().recognize(audioOf(replyId), model.outputFormat), contractPhrases[0].reply);
  });

  for (const [when, heardMs] of [
    ['of which nothing was heard', 0],
    ['in its middle', 100],
  ] as const) {
    it(`stops a reply ${when}, sends no more of it, and goes on with the next`, async (t) => {
      const { model, events, until, audioOf } = await open(t);
      model.requestReply({ say: contractWords.long });
      const { replyId } = await until('audio');
      const heard = model.interrupt(replyId, heardMs);
      assert.ok(contractWords.long.startsWith(heard) && heard.length < contractWords.long.length / 2, heard);
      if (heardMs === 0) assert.equal(heard, '');
      model.interrupt(replyId, heardMs);
      const cutAt = audioOf(replyId).length;
      model.requestReply({ say: contractWords.short });
      const next = await until('reply-finished', (event) => event.replyId !== replyId);
      assert.equal(audioOf(replyId).length, cutAt, 'late audio');
      const ends = events.filter((event) => event.type === 'reply-finished' && event.replyId === replyId);
      assert.deepEqual(ends, [{ type: 'reply-finished', replyId, outcome: 'interrupted' }]);
      assert.equal(next.outcome, 'completed');
      assert.equal(getService().recognize(audioOf(next.replyId), model.outputFormat), contractWords.short);
    });
  }

  it('takes it calmly when a reply is interrupted that it does not know, or that was finished long ago', async (t) => {
    const { model, events, until } = await open(t);
    assert.equal(model.interrupt('no-such-reply', 100), '');
    model.requestReply({ say: contractWords.greeting });
    const { replyId } = await until('reply-finished');
    model.interrupt(replyId, 100);
    model.interrupt(replyId, 0);
    model.requestReply({ say: contractWords.short });
    await until('reply-finished', (event) => event.replyId !== replyId);
    assert.ok(!events.some(({ type }) => type === 'closed'));
  });

  it('knows what was said before it was opened', async (t) => {
    const turn = (role: Turn['role'], text: string, interrupted = false): Turn => ({ role, text, interrupted, at: 1 });
    const history = [
      turn('agent', 'Good morning.'),
      turn('caller', 'I am Ann.'),
      turn('agent', 'Hello Ann, how', true),
      turn('caller', 'Listen.'),
    ];
    const { model, until } = await open(t, { history });
    model.sendText(contractPhrases[0].heard);
    await until('reply-finished');
    assert.deepEqual(getService().memory(), [
      ...history.map(({ role, text }) => ({ role, text })),
      { role: 'caller', text: contractPhrases[0].heard },
    ]);
  });

  it('closes once, without an error, however often it is told to, and does nothing afterwards', async (t) => {
    const { model, events, until } = await open(t);
    model.requestReply({ say: contractWords.long });
    await until('audio');
    model.close();
    model.close();
    await until('closed');
    model.sendAudio(createSilence(model.inputFormat, 20));
    model.sendText('Hello?');
    model.requestReply({ say: contractWords.short });
    model.interrupt('no-such-reply', 0);
    model.sendToolResult('no-such-call', '{}');
    model.close();
    await new Promise((resolve) => setImmediate(resolve));
    const last = events.at(-1);
    assert.ok(last?.type === 'closed' && last.error === undefined);
    assert.equal(events.filter(({ type }) => type === 'closed').length, 1);
  });

  it('closes by the signal that it was opened with', async (t) => {
    const call = new AbortController();
    const { until } = await open(t, { signal: call.signal });
    call.abort();
    assert.equal((await until('closed')).error, undefined);
  });

  it('tells once, as something to try again, that its service has died', async (t) => {
    const { model, events, until } = await open(t);
    const line = setInterval(() => model.sendAudio(createSilence(model.inputFormat, 20)), 20);
    t.after(() => {
      clearInterval(line);
      getService().refuse(undefined);
    });
    getService().die();
    const { error } = await until('closed');
    assert.ok(error instanceof AppError && error.retryable, String(error));
    assert.equal(events.at(-1)?.type, 'closed');
  });

  it('does not open when nobody waits for it any more', async () => {
    const call = new AbortController();
    const opening = getService().open({ ...defaults(), signal: call.signal });
    call.abort();
    await assert.rejects(opening, { name: 'AbortError' });
    await assert.rejects(getService().open({ ...defaults(), signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  for (const [status, code, retryable] of [
    [401, 'MODEL_REFUSED', false],
    [429, 'MODEL_THROTTLED', true],
    [503, 'MODEL_UNAVAILABLE', true],
  ] as const) {
    it(`rejects with ${code} when the service answers ${status}`, async () => {
      getService().refuse(status);
      await assert.rejects(
        getService().open(defaults()),
        (error) => error instanceof AppError && error.code === code && error.retryable === retryable,
      );
      getService().refuse(undefined);
    });
  }
}

const defaults = (): VoiceModelOptions => ({
  callId: 'call-1' as CallId,
  agent,
  instructions: agent.instructions,
  tools: [takeNote],
  history: [],
  carrierFormat: pcm16k,
  signal: new AbortController().signal,
});

/** A sentence in the frames of a carrier, and the silence after it; faster than a person speaks. */
function sayTo(model: VoiceModel, sentence: Buffer): void {
  const audio = Buffer.concat([sentence, createSilence(model.inputFormat, endOfTurnMs)]);
  const step = frameBytes(model.inputFormat);
  for (let at = 0; at < audio.length; at += step) {
    // Ours again as soon as it returns.
    const frame = Buffer.from(audio.subarray(at, at + step));
    model.sendAudio(frame);
    frame.fill(0x55);
  }
}

type EventOf<Type extends VoiceModelEvent['type']> = Extract<VoiceModelEvent, { type: Type }>;

function follow(model: VoiceModel) {
  const events: VoiceModelEvent[] = [];
  let waiting: (() => void)[] = [];
  model.listen((event) => {
    events.push(event.type === 'audio' ? { ...event, audio: Buffer.from(event.audio) } : event);
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  });
  return {
    events,
    /** The first that there is or will be; fails when the model closes before. */
    async until<Type extends VoiceModelEvent['type']>(
      type: Type,
      fits: (event: EventOf<Type>) => boolean = () => true,
    ): Promise<EventOf<Type>> {
      for (;;) {
        const found = events.find((event) => event.type === type && fits(event as EventOf<Type>));
        if (found) return found as EventOf<Type>;
        const last = events.at(-1);
        assert.ok(last?.type !== 'closed', `closed before ${type}: ${last?.type === 'closed' && last.error?.message}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    audioOf(replyId: string): Buffer {
      return Buffer.concat(
        events.flatMap((event) => (event.type === 'audio' && event.replyId === replyId ? [event.audio] : [])),
      );
    },
  };
}
