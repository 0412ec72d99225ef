// Tests of the cascade's turns, with services that do what the test says.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { parseAgent } from '../../../shared/agents/agent.ts';
import type { CallId, Turn } from '../../../shared/call/call.ts';
import { AppError } from '../../../shared/errors.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { mulaw8k, pcm16k, pcm24k } from '../../audio/audio-format.ts';
import type { VoiceModelEvent } from '../voice-model.ts';
import type { AnswerEnding } from './answer-ending.ts';
import { CascadeModel } from './cascade-model.ts';
import { type ChatPiece, ContentFilteredError } from './chat-stream.ts';
import type { Conversation } from './conversation.ts';
import type { RecognizerEvent } from './speech-recognizer.ts';

const agent = parseAgent('test.md', '---\nname: test\nmodels: [cascade]\n---\nBe brief.');

/** An answer of the chat model, written piece by piece by the test. */
class Answer {
  readonly messages: string[];
  readonly signal: AbortSignal;
  #wake = Promise.withResolvers<void>();
  readonly #pieces: (ChatPiece | Error | 'end')[] = [];

  constructor(conversation: Conversation, signal: AbortSignal, nudge: string | undefined) {
    this.messages = conversation.formatMessages(nudge).map(({ role, content }) => `${role}: ${String(content)}`);
    this.signal = signal;
    signal.addEventListener('abort', () => this.#add('end'));
  }

  write(text: string): this {
    return this.#add({ type: 'text', text });
  }
  call(...ids: string[]): void {
    const calls = ids.map((id) => ({ id, name: 'take_note', input: '{}' }));
    this.#add({ type: 'ended', ending: 'tool_calls', calls });
  }
  callThenEnd(ending: AnswerEnding, id: string): void {
    this.#add({ type: 'ended', ending, calls: [{ id, name: 'take_note', input: '{"te' }] });
  }
  fail(error: Error): void {
    this.#add(error);
  }
  end(ending: AnswerEnding = 'stop'): void {
    this.#add({ type: 'ended', ending, calls: [] });
  }

  async *read(): AsyncGenerator<ChatPiece, void, undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece === 'end') return;
      if (piece instanceof Error) throw piece;
      if (piece) {
        yield piece;
        if (piece.type === 'ended') return;
      } else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    }
  }

  #add(piece: ChatPiece | Error | 'end'): this {
    this.#pieces.push(piece);
    this.#wake.resolve();
    return this;
  }
}

describe('cascade model', () => {
  let events: VoiceModelEvent[];
  let story: string[];
  let answers: Answer[];
  /** What the synthesizer is saying now: the test lets it sound and end. */
  let saying: { text: string; sound(ms: number): void; end(error?: Error): void } | undefined;
  let hear: (event: RecognizerEvent) => void;
  let closings: string[];
  let model: CascadeModel;

  function create(history: Turn[] = [], carrierFormat = pcm16k): CascadeModel {
    const options = {
      callId: 'call-1' as CallId,
      agent,
      instructions: 'Be brief.',
      tools: [],
      history,
      carrierFormat,
      signal: new AbortController().signal,
    };
    return new CascadeModel(options, silentLogger, ({ outputFormat }, onRecognized) => {
      hear = onRecognized;
      return {
        recognizer: { open: async () => {}, sendAudio: () => {}, close: () => closings.push('recognizer') },
        synthesizer: {
          open: async () => {},
          speak: (text, onAudio) => {
            const { promise, resolve, reject } = Promise.withResolvers<void>();
            const bytes = (ms: number) =>
              (outputFormat.sampleRate / 1000) * ms * (outputFormat.encoding === 'pcm16' ? 2 : 1);
            const end = (error?: Error) => {
              saying = undefined;
              if (error) reject(error);
              else resolve();
            };
            saying = { text, sound: (ms) => onAudio(Buffer.alloc(bytes(ms))), end };
            return promise;
          },
          stop: () => saying?.end(),
          close: () => closings.push('synthesizer'),
        },
        chat: (conversation, signal, nudge) => {
          const answer = new Answer(conversation, signal, nudge);
          answers.push(answer);
          return answer.read();
        },
      };
    });
  }

  const nickname = new Map<string, string>();
  function tell(event: VoiceModelEvent): string {
    const name = (id: string) => {
      if (!nickname.has(id)) nickname.set(id, `r${nickname.size + 1}`);
      return nickname.get(id)!;
    };
    switch (event.type) {
      case 'transcript':
        return `${event.role}: ${event.text}${event.final ? '' : ' …'}`;
      case 'tool-call':
        return `tool-call ${event.toolCallId}`;
      case 'reply-started':
      case 'audio':
        return `${event.type} ${name(event.replyId)}`;
      case 'reply-finished':
        return `${event.outcome} ${name(event.replyId)}`;
      case 'closed':
        return `closed ${event.error?.code ?? ''}`.trim();
      default:
        return event.type;
    }
  }
  const replyId = (n: number): string => [...nickname.keys()][n - 1]!;
  function take(): string[] {
    return story.splice(0);
  }
  async function say(text: string, ms = 1000): Promise<void> {
    await settle();
    assert.equal(saying?.text, text);
    saying?.sound(ms);
    saying?.end();
    await settle();
  }

  beforeEach(() => {
    [events, story, answers, closings] = [[], [], [], []];
    saying = undefined;
    nickname.clear();
    model = create();
    model.listen((event) => {
      events.push(event);
      story.push(tell(event));
    });
  });

  it('answers a phrase: the first sentence sounds while the second is being written', async () => {
    hear({ type: 'hypothesis', text: 'what time', agoMs: 300 });
    hear({ type: 'final', text: 'What time is it?', agoMs: 300 });
    assert.deepEqual(answers[0]!.messages, ['system: Be brief.', 'user: What time is it?']);
    answers[0]!.write('It is noon.').write(' Any');
    await say('It is noon.');
    answers[0]!.write('thing else?').end();
    await say('Anything else?');
    assert.deepEqual(take(), [
      'caller-started-speaking',
      'caller: what time …',
      'caller-stopped-speaking',
      'caller: What time is it?',
      'reply-started r1',
      'agent: It is noon. …',
      'audio r1',
      'agent: It is noon. Anything else? …',
      'audio r1',
      'agent: It is noon. Anything else?',
      'completed r1',
    ]);
  });

  it('says given words word for word, one request after the other, and remembers them', async () => {
    model.requestReply({ say: 'Welcome to Contoso.' });
    model.requestReply({ instructions: 'Offer help.' });
    assert.equal(answers.length, 0);
    await say('Welcome to Contoso.');
    assert.deepEqual(answers[0]!.messages, [
      'system: Be brief.',
      'assistant: Welcome to Contoso.',
      'system: Offer help.',
    ]);
  });

  it('calls tools and goes on once all of them have answered', async () => {
    hear({ type: 'final', text: 'Take two notes.', agoMs: 300 });
    answers[0]!.write('One moment.').call('call_1', 'call_2');
    await settle();
    assert.deepEqual(take().slice(3), ['tool-call call_1', 'tool-call call_2']);
    model.sendToolResult('call_2', '"two"');
    model.sendToolResult('call_9', '"nobody asked"');
    await say('One moment.');
    assert.equal(answers.length, 1);
    model.sendToolResult('call_1', '"one"');
    assert.deepEqual(answers[1]!.messages.slice(2), ['assistant: One moment.', 'tool: "one"', 'tool: "two"']);
  });

  it('stops within the same tick when interrupted, drops late audio and remembers what was heard', async () => {
    hear({ type: 'final', text: 'Tell me all.', agoMs: 300 });
    answers[0]!.write('We make chairs and tables. And we ');
    await settle();
    const late = saying!;
    late.sound(1000);
    hear({ type: 'hypothesis', text: 'stop', agoMs: 300 });
    take();
    assert.equal(model.interrupt(replyId(1), 500), 'We make', 'the record says what the model remembers');
    assert.deepEqual(take(), ['interrupted r1']);
    assert.equal(answers[0]!.signal.aborted, true);
    assert.equal(saying, undefined);
    late.sound(1000);
    await settle();
    assert.deepEqual(take(), []);
    hear({ type: 'final', text: 'Stop, please.', agoMs: 300 });
    assert.deepEqual(answers[1]!.messages.slice(1), [
      'user: Tell me all.',
      'assistant: We make',
      'user: Stop, please.',
    ]);
  });

  it('cuts a reply that was made but not yet heard', async () => {
    model.requestReply({ say: 'Welcome to Contoso.' });
    await say('Welcome to Contoso.', 1000);
    model.interrupt(replyId(1), 600);
    model.interrupt('unknown', 5);
    hear({ type: 'final', text: 'Hello.', agoMs: 300 });
    assert.deepEqual(answers[0]!.messages.slice(1), ['assistant: Welcome to', 'user: Hello.']);
    assert.ok(!take().includes('interrupted r1'));
  });

  it('thinks again when the caller adds something before the answer sounds', async () => {
    hear({ type: 'final', text: 'Are you open', agoMs: 300 });
    answers[0]!.write('Yes, we are. ');
    await settle();
    hear({ type: 'hypothesis', text: 'on', agoMs: 300 });
    assert.equal(answers[0]!.signal.aborted, true);
    assert.equal(answers.length, 1);
    hear({ type: 'final', text: 'on Sunday?', agoMs: 300 });
    assert.deepEqual(answers[1]!.messages.slice(1), ['user: Are you open', 'user: on Sunday?']);
    answers[1]!.write('No.').end();
    await say('No.');
    assert.equal(take().at(-1), 'completed r1');
  });

  it('answers after all when what made it think again was no speech', () => {
    hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    hear({ type: 'hypothesis', text: 'on', agoMs: 300 });
    hear({ type: 'nothing' });
    assert.deepEqual(answers[1]!.messages.slice(1), ['user: Are you open?']);
  });

  it('speaks given words after all when the caller was faster', async () => {
    model.requestReply({ say: 'Welcome.' });
    hear({ type: 'hypothesis', text: 'hello', agoMs: 300 });
    hear({ type: 'final', text: 'Hello?', agoMs: 300 });
    await say('Welcome.');
    assert.deepEqual(answers[0]!.messages.slice(1), ['user: Hello?', 'assistant: Welcome.']);
  });

  it('goes on when a noise interrupted it', async () => {
    model.requestReply({ say: 'Welcome to Contoso.' });
    await settle();
    saying!.sound(1000);
    hear({ type: 'hypothesis', text: 'what', agoMs: 300 });
    model.interrupt(replyId(1), 700);
    hear({ type: 'nothing' });
    assert.match(answers[0]!.messages.at(-1)!, /^system: .*could not be understood/);
  });

  it('asks again when words had begun in a silent line and came to nothing', () => {
    hear({ type: 'hypothesis', text: 'what are', agoMs: 300 });
    hear({ type: 'nothing' });
    assert.match(answers[0]!.messages.at(-1)!, /^system: .*hear it again/);
  });

  it('lets a noise pass in which no word was guessed', () => {
    hear({ type: 'nothing' });
    assert.deepEqual(answers, []);
  });

  it('takes a key that was pressed as the word of the caller', () => {
    hear({ type: 'final', text: 'One?', agoMs: 300 });
    model.sendText('The caller pressed the key 4.');
    assert.equal(answers[0]!.signal.aborted, true);
    assert.deepEqual(answers[1]!.messages.slice(1), ['user: One?', 'user: The caller pressed the key 4.']);
  });

  it('asks twice to hear again what was said into a silent line and not recognised, and then takes it for a noise', async () => {
    for (const asked of [1, 2, 2]) {
      hear({ type: 'unheard', agoMs: 2_000 });
      assert.equal(answers.length, asked);
      assert.match(answers.at(-1)!.messages.at(-1)!, /^system: .*hear it again/);
      answers.at(-1)!.write('Pardon?').end();
      await settle();
      saying?.end();
      await settle();
    }
  });

  it('does not ask what was said while the agent spoke', async () => {
    model.requestReply({ say: 'Welcome to Contoso.' });
    await say('Welcome to Contoso.', 10);
    hear({ type: 'unheard', agoMs: 300 });
    assert.deepEqual(answers, []);
  });

  it('goes on from what was said before', () => {
    model = create([
      { role: 'agent', text: 'Welcome.', interrupted: false, at: 1 },
      { role: 'caller', text: 'Are you open?', interrupted: false, at: 2 },
    ]);
    model.requestReply({ instructions: 'Go on.' });
    assert.deepEqual(answers[0]!.messages.slice(1), ['assistant: Welcome.', 'user: Are you open?', 'system: Go on.']);
  });

  it('asks without the words that the content filter refused, once', async () => {
    hear({ type: 'final', text: 'Something bad.', agoMs: 300 });
    answers[0]!.fail(new ContentFilteredError());
    await settle();
    assert.deepEqual(
      answers[1]!.messages.slice(1).map((message) => message.split(':')[0]),
      ['system'],
    );
    answers[1]!.fail(new ContentFilteredError());
    await settle();
    assert.equal(take().at(-1), 'closed MODEL_PROTOCOL');
  });

  it('asks again when an answer is empty, cut, or nothing that can be said, and then in other words', async () => {
    hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    answers[0]!.write('…').write(' 🎉').end();
    await settle();
    assert.deepEqual(answers[1]!.messages, answers[0]!.messages);
    answers[1]!.write('We are').end('broken');
    await settle();
    assert.deepEqual(answers[2]!.messages.slice(0, -1), answers[0]!.messages, 'half a sentence was not said');
    assert.match(answers[2]!.messages.at(-1)!, /^system: .*in words/);
    answers[2]!.write('Yes, we are.').end();
    await say('Yes, we are.');
    assert.deepEqual(take().slice(-2), ['agent: Yes, we are.', 'completed r1']);
  });

  it('gives up on a chat model that answers nothing three times', async () => {
    hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    for (const ending of ['stop', 'length', 'stop'] as const) {
      answers.at(-1)!.end(ending);
      await settle();
    }
    assert.equal(answers.length, 3);
    assert.equal(take().at(-1), 'closed MODEL_PROTOCOL');
  });

  for (const ending of ['length', 'broken', 'stalled'] as const) {
    it(`has an answer that was cut (${ending}) gone on with, and says nothing of it twice`, async () => {
      hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
      answers[0]!.write('Yes, we are. We close').end(ending);
      await say('Yes, we are.');
      assert.deepEqual(answers[1]!.messages.slice(1, 3), ['user: Are you open?', 'assistant: Yes, we are.']);
      assert.match(answers[1]!.messages[3]!, /^system: .*broke off/);
      answers[1]!.write('Yes, we are. We close at five.').end();
      await say('We close at five.');
      assert.deepEqual(take().slice(-2), ['agent: Yes, we are. We close at five.', 'completed r1']);
      hear({ type: 'final', text: 'Thanks.', agoMs: 300 });
      assert.deepEqual(answers[2]!.messages.slice(1), [
        'user: Are you open?',
        'assistant: Yes, we are. We close at five.',
        'user: Thanks.',
      ]);
    });
  }

  it('is content with what was said when the rest cannot be had', async () => {
    hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    answers[0]!.write('Yes, we are. We close').end('length');
    await say('Yes, we are.');
    answers[1]!.end('broken');
    await settle();
    answers[2]!.end('broken');
    await settle();
    assert.equal(answers.length, 3);
    assert.equal(take().at(-1), 'completed r1');
  });

  it('changes the subject when the service lets an answer be said no further', async () => {
    hear({ type: 'final', text: 'Something bad.', agoMs: 300 });
    answers[0]!.write('Well, this is it. You').end('content_filter');
    await say('Well, this is it.');
    assert.deepEqual(
      answers[1]!.messages.slice(1).map((message) => message.split(':')[0]),
      ['assistant', 'system'],
    );
    assert.deepEqual(take().slice(-1), ['completed r1']);
  });

  it('asks no tool that a cut answer may have garbled', async () => {
    hear({ type: 'final', text: 'Take a note.', agoMs: 300 });
    answers[0]!.callThenEnd('length', 'call_1');
    await settle();
    answers[1]!.call('call_2');
    await settle();
    assert.deepEqual(take().slice(3), ['tool-call call_2']);
    assert.partialDeepStrictEqual(events.at(-1), { type: 'tool-call', replyId: undefined });
  });

  it('tells which reply says something in the answer that calls a tool', async () => {
    hear({ type: 'final', text: 'Bye.', agoMs: 300 });
    answers[0]!.write('Goodbye.').call('call_1');
    await settle();
    const call = events.find((event) => event.type === 'tool-call');
    await say('Goodbye.');
    const reply = events.find((event) => event.type === 'reply-started');
    assert.equal(call?.replyId, reply?.replyId);
    assert.equal(answers.length, 1);
  });

  it('reads no markup aloud, and remembers what was said', async () => {
    hear({ type: 'final', text: 'When?', agoMs: 300 });
    answers[0]!.write('**Nine** to').write(' fi').write('ve, see [here](https://x.example/a). \n# So').end();
    await say('Nine to five, see here.');
    await say('So');
    hear({ type: 'final', text: 'Thanks.', agoMs: 300 });
    assert.equal(answers[1]!.messages[2], 'assistant: Nine to five, see here. \nSo');
  });

  it('has the words that did not sound said by another connection when the voice breaks off', async () => {
    model.requestReply({ say: 'Welcome to Contoso.' });
    await settle();
    saying!.sound(700);
    saying!.end(new AppError('MODEL_UNAVAILABLE', 'gone'));
    await say('Contoso.', 500);
    assert.deepEqual(take().slice(-2), ['agent: Welcome to Contoso.', 'completed r1']);
  });

  it('gives up on a voice that breaks off twice in one sentence', async () => {
    model.requestReply({ say: 'Welcome to Contoso.' });
    for (let times = 0; times < 2; times++) {
      await settle();
      saying!.sound(100);
      saying!.end(new AppError('MODEL_UNAVAILABLE', 'gone'));
    }
    await settle();
    assert.equal(take().at(-1), 'closed MODEL_UNAVAILABLE');
  });

  it("does not take the agent's own words for the caller's while it speaks, nor its interruption for an echo", async () => {
    model.requestReply({ say: 'The office is closed on Saturday.' });
    await settle();
    saying!.sound(2000);
    hear({ type: 'hypothesis', text: 'the', agoMs: 0 });
    hear({ type: 'final', text: 'The', agoMs: 0 });
    assert.deepEqual(take(), ['reply-started r1', 'agent: The office is closed on Saturday. …', 'audio r1']);
    hear({ type: 'hypothesis', text: 'saturday', agoMs: 300 });
    assert.equal(take()[0], 'caller-started-speaking', 'the agent has not said that word yet');
  });

  const losses: [what: string, lose: () => Promise<void>, code: string][] = [
    [
      'recognition is lost',
      async () => hear({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') }),
      'MODEL_UNAVAILABLE',
    ],
    ['the chat model fails', async () => answers[0]!.fail(new AppError('MODEL_THROTTLED', 'busy')), 'MODEL_THROTTLED'],
    [
      'the voice fails',
      async () => {
        answers[0]!.write('Hello. And');
        await settle();
        saying!.end(new AppError('MODEL_REFUSED', 'no'));
      },
      'MODEL_REFUSED',
    ],
  ];
  for (const [what, lose, code] of losses) {
    it(`closes everything with the reason when ${what}`, async () => {
      hear({ type: 'final', text: 'Hello.', agoMs: 300 });
      await lose();
      await settle();
      model.close();
      hear({ type: 'final', text: 'Is anybody there?', agoMs: 300 });
      model.requestReply({ say: 'x' });
      assert.deepEqual(take().slice(3), [`closed ${code}`]);
      assert.deepEqual(closings, ['recognizer', 'synthesizer']);
    });
  }

  it('ends a reply that sounds, and closes without a reason when told to', async () => {
    model.requestReply({ say: 'Welcome.' });
    await settle();
    saying!.sound(100);
    model.close();
    model.close();
    assert.deepEqual(take().slice(-2), ['interrupted r1', 'closed']);
  });

  it('keeps what happened before anybody listened', () => {
    model = create();
    hear({ type: 'final', text: 'Hello.', agoMs: 300 });
    const early: string[] = [];
    model.listen((event) => early.push(tell(event)));
    assert.deepEqual(early, ['caller-started-speaking', 'caller-stopped-speaking', 'caller: Hello.']);
  });

  it('wants what recognition can take and gives what the carrier speaks', () => {
    for (const format of [pcm16k, pcm24k, mulaw8k]) {
      const { inputFormat, outputFormat } = create([], format);
      assert.deepEqual(inputFormat, format === mulaw8k ? mulaw8k : pcm16k);
      assert.deepEqual(outputFormat, format);
    }
  });
});
