// The cascade over services that do what a test says: a chat model that writes, a voice that sounds and a recognition that hears on demand.
import assert from 'node:assert/strict';
import { setImmediate as settle } from 'node:timers/promises';
import { parseAgent } from '../../../../shared/agents/agent.ts';
import type { CallId, Turn } from '../../../../shared/call/call.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { bytesPerMs, pcm16k } from '../../../audio/audio-format.ts';
import type { VoiceModelEvent, VoiceModelOptions } from '../../voice-model.ts';
import type { AnswerEnding } from '../answer-ending.ts';
import { CascadeModel, type CascadeParts } from '../cascade-model.ts';
import type { ChatPiece } from '../chat-stream.ts';
import type { Conversation } from '../conversation.ts';
import type { RecognizerEvent } from '../speech-recognizer.ts';

// Where the bridge decides, nothing is answered or withdrawn before it says so.
const agent = parseAgent(
  'test.md',
  '---\nname: test\nmodels: [cascade]\nturn_taking: { decided_by: model }\n---\nBe brief.',
);

/** An answer of the chat model, written piece by piece by the test. */
export class ScriptedAnswer {
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

export class ScriptedCascade {
  readonly events: VoiceModelEvent[] = [];
  readonly answers: ScriptedAnswer[] = [];
  readonly closings: string[] = [];
  readonly model: CascadeModel;
  /** What the voice is saying now: the test lets it sound and end. */
  saying: { text: string; sound(ms: number): void; end(error?: Error): void } | undefined;
  #hear: (event: RecognizerEvent) => void = () => {};
  readonly #story: string[] = [];
  readonly #nicknames = new Map<string, string>();

  constructor(history: readonly Turn[] = [], carrierFormat: VoiceModelOptions['carrierFormat'] = pcm16k) {
    const options = {
      callId: 'call-1' as CallId,
      agent,
      instructions: 'Be brief.',
      tools: [],
      history,
      carrierFormat,
      signal: new AbortController().signal,
    };
    this.model = new CascadeModel(options, silentLogger, ({ outputFormat }, onRecognized) => {
      this.#hear = onRecognized;
      return this.#createParts(bytesPerMs(outputFormat));
    });
  }

  listen(): this {
    this.model.listen((event) => {
      this.events.push(event);
      this.#story.push(this.#tell(event));
    });
    return this;
  }

  hear(event: RecognizerEvent): void {
    this.#hear(event);
  }

  /** What happened since it was asked last, a line an event; replies are called r1, r2 and so on. */
  take(): string[] {
    return this.#story.splice(0);
  }

  replyId(n: number): string {
    return [...this.#nicknames.keys()][n - 1]!;
  }

  /** Lets the voice say this, which it was asked to, for so long. */
  async say(text: string, ms = 1000): Promise<void> {
    await settle();
    assert.equal(this.saying?.text, text);
    this.saying?.sound(ms);
    this.saying?.end();
    await settle();
  }

  #createParts(bytesPerMs: number): CascadeParts {
    return {
      recognizer: { open: async () => {}, sendAudio: () => {}, close: () => this.closings.push('recognizer') },
      synthesizer: {
        open: async () => {},
        speak: (text, onAudio) => {
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          const end = (error?: Error) => {
            this.saying = undefined;
            if (error) reject(error);
            else resolve();
          };
          this.saying = { text, sound: (ms) => onAudio(Buffer.alloc(bytesPerMs * ms)), end };
          return promise;
        },
        stop: () => this.saying?.end(),
        close: () => this.closings.push('synthesizer'),
      },
      chat: (conversation, signal, nudge) => {
        const answer = new ScriptedAnswer(conversation, signal, nudge);
        this.answers.push(answer);
        return answer.read();
      },
    };
  }

  #tell(event: VoiceModelEvent): string {
    switch (event.type) {
      case 'transcript':
        return `${event.role}: ${event.text}${event.final ? '' : ' …'}`;
      case 'tool-call':
        return `tool-call ${event.toolCallId}`;
      case 'reply-started':
      case 'audio':
        return `${event.type} ${this.#nameOf(event.replyId)}`;
      case 'reply-finished':
        return `${event.outcome} ${this.#nameOf(event.replyId)}`;
      case 'closed':
        return `closed ${event.error?.code ?? ''}`.trim();
      default:
        return event.type;
    }
  }

  #nameOf(replyId: string): string {
    if (!this.#nicknames.has(replyId)) this.#nicknames.set(replyId, `r${this.#nicknames.size + 1}`);
    return this.#nicknames.get(replyId)!;
  }
}
