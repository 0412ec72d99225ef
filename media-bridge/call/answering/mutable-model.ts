// A voice model that can be kept from the call: muted, it hears silence and says nothing but the one message it is given.
import type { VoiceModelKind } from '../../../shared/call/call.ts';
import type { AudioFormat } from '../../audio/audio-format.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent } from '../../voice-models/voice-model.ts';

const refusal = JSON.stringify({ error: 'nobody is on the line' });

export class MutableModel implements VoiceModel {
  readonly kind: VoiceModelKind;
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  readonly #model: VoiceModel;
  #listener: (event: VoiceModelEvent) => void = () => {};
  #isMuted = false;
  #callerSpeaks = false;
  /** Something was asked of the model, and no reply has begun since. */
  #owesReply = false;
  #awaitsMessage = false;
  #messageId: string | undefined;
  #spokenMessageId: string | undefined;

  constructor(model: VoiceModel) {
    this.#model = model;
    this.kind = model.kind;
    this.inputFormat = model.inputFormat;
    this.outputFormat = model.outputFormat;
  }

  /** No reply is on its way that somebody else asked for: the next to begin will be the message. */
  get isQuiet(): boolean {
    return !this.#callerSpeaks && !this.#owesReply;
  }

  get hasBegunMessage(): boolean {
    return this.#messageId !== undefined;
  }

  /** The reply that is the whole message, once all of it was made. */
  get spokenMessageId(): string | undefined {
    return this.#spokenMessageId;
  }

  mute(): void {
    this.#isMuted = true;
    this.#awaitsMessage = false;
    this.#messageId = undefined;
    this.#spokenMessageId = undefined;
  }

  /** While muted. */
  sayMessage(text: string): void {
    this.#awaitsMessage = true;
    this.#model.requestReply({ say: text });
  }

  unmute(): void {
    this.#isMuted = false;
  }

  listen(listener: (event: VoiceModelEvent) => void): void {
    this.#listener = listener;
    this.#model.listen((event) => {
      if (this.#passes(event)) this.#listener(event);
    });
  }

  /** Silence, not nothing: a turn that had begun must come to its end. */
  sendAudio(audio: Buffer): void {
    if (!this.#isMuted) this.#model.sendAudio(audio);
    else this.#model.sendAudio(Buffer.alloc(audio.length, this.inputFormat.encoding === 'mulaw' ? 0xff : 0));
  }

  requestReply(request: ReplyRequest): void {
    if (this.#isMuted) return;
    this.#owesReply = true;
    this.#model.requestReply(request);
  }

  askAgain(request: ReplyRequest): void {
    if (this.#isMuted) return;
    this.#owesReply = true;
    this.#model.askAgain(request);
  }

  sendText(text: string): void {
    if (this.#isMuted) return;
    this.#owesReply = true;
    this.#model.sendText(text);
  }

  sendToolResult(toolCallId: string, output: string, { wantsReply } = { wantsReply: true }): void {
    this.#owesReply ||= wantsReply;
    this.#model.sendToolResult(toolCallId, output, { wantsReply });
  }

  interrupt(replyId: string, heardMs: number): string {
    return this.#model.interrupt(replyId, heardMs);
  }

  takeWord(): void {
    if (!this.#isMuted) this.#model.takeWord();
  }

  answerTurn(): void {
    if (this.#isMuted) return;
    this.#owesReply = true;
    this.#model.answerTurn();
  }

  dropTurns(turnIds: readonly string[]): void {
    this.#owesReply = false;
    this.#model.dropTurns(turnIds);
  }

  close(): void {
    this.#model.close();
  }

  #passes(event: VoiceModelEvent): boolean {
    switch (event.type) {
      case 'caller-started-speaking':
        this.#callerSpeaks = true;
        return !this.#isMuted;
      case 'caller-stopped-speaking':
        this.#callerSpeaks = false;
        this.#owesReply = true;
        return !this.#isMuted;
      case 'reply-started':
        return this.#passesReply(event.replyId);
      case 'audio':
        return !this.#isMuted || event.replyId === this.#messageId;
      case 'reply-finished':
        return this.#passesEnd(event);
      case 'transcript':
        return !this.#isMuted || event.role === 'caller' || event.turnId === this.#messageId;
      case 'tool-call':
        if (this.#isMuted) this.sendToolResult(event.toolCallId, refusal);
        return !this.#isMuted;
      case 'closed':
        return true;
      default:
        return event satisfies never;
    }
  }

  #passesReply(replyId: string): boolean {
    this.#owesReply = false;
    if (!this.#isMuted) return true;
    if (this.#awaitsMessage) {
      this.#awaitsMessage = false;
      this.#messageId = replyId;
    }
    if (replyId === this.#messageId) return true;
    this.#model.interrupt(replyId, 0);
    return false;
  }

  #passesEnd({ replyId, outcome }: Extract<VoiceModelEvent, { type: 'reply-finished' }>): boolean {
    if (!this.#isMuted) return true;
    if (replyId !== this.#messageId) return false;
    if (outcome === 'completed') this.#spokenMessageId = replyId;
    // A model that fails tries once more by itself.
    else {
      this.#messageId = undefined;
      this.#awaitsMessage = true;
    }
    return true;
  }
}
