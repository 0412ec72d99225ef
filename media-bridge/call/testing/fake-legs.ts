// Both legs of a call without a network: a carrier whose time the test tells, and a model that says what the test wants.
import { bytesPerMs, mulaw8k } from '../../audio/audio-format.ts';
import type { Manner } from '../../audio/manner.ts';
import type { MediaTransport, MediaTransportEvent } from '../../transports/media-transport.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent } from '../../voice-models/voice-model.ts';

/** Time on it passes when the test says so. */
export class FakeTransport implements MediaTransport {
  readonly carrier = 'acs';
  readonly format = mulaw8k;
  readonly done: string[] = [];
  playedMs = 0;
  sentMs = 0;
  quietMs = 0;
  manner: Manner = 'steady';
  #listener: (event: MediaTransportEvent) => void = () => {};
  listen(listener: (event: MediaTransportEvent) => void) {
    this.#listener = listener;
  }
  emit(event: MediaTransportEvent) {
    this.#listener(event);
  }
  sendAudio(audio: Buffer) {
    this.sentMs += audio.length / bytesPerMs(this.format);
  }
  setManner(manner: Manner) {
    this.manner = manner;
  }
  elapse(ms: number) {
    this.sentMs += ms;
    this.playedMs += ms;
  }
  clearAudio() {
    this.done.push('clear');
    this.sentMs = this.playedMs;
  }
  close() {
    this.done.push('close');
  }
  playOut() {
    this.playedMs = this.sentMs;
    this.emit({ type: 'played-out' });
  }
}

function wordsOf(request: ReplyRequest): string {
  if ('say' in request) return request.say;
  return 'answer' in request ? 'answer' : request.instructions;
}

export class FakeModel implements VoiceModel {
  readonly inputFormat = mulaw8k;
  readonly outputFormat = mulaw8k;
  readonly done: unknown[][] = [];
  readonly kind: VoiceModel['kind'];
  readonly history: readonly { text: string }[];
  readonly #replies = new Map<string, { text: string; ms: number }>();
  #listener: (event: VoiceModelEvent) => void = () => {};
  constructor(kind: VoiceModel['kind'], history: readonly { text: string }[]) {
    this.kind = kind;
    this.history = history;
  }
  listen(listener: (event: VoiceModelEvent) => void) {
    this.#listener = listener;
  }
  emit(event: VoiceModelEvent) {
    if (event?.type === 'transcript' && event.role === 'agent') this.#said(event.turnId).text = event.text;
    if (event?.type === 'audio') this.#said(event.replyId).ms += (event.audio?.length ?? 0) / 8;
    this.#listener(event);
  }
  #said(replyId: string) {
    const said = this.#replies.get(replyId) ?? { text: '', ms: 0 };
    this.#replies.set(replyId, said);
    return said;
  }
  sendAudio(audio: Buffer) {
    this.done.push(['audio', audio.length]);
  }
  requestReply(request: ReplyRequest) {
    this.done.push(['reply', wordsOf(request)]);
  }
  askAgain(request: ReplyRequest) {
    this.done.push(['again', wordsOf(request)]);
  }
  sendText(text: string) {
    this.done.push(['text', text]);
  }
  sendToolResult(id: string, output: string, { wantsReply } = { wantsReply: true }) {
    this.done.push(['tool-result', id, output, wantsReply]);
  }
  /** Words of equal length. */
  interrupt(replyId: string, heardMs: number) {
    this.done.push(['interrupt', replyId, heardMs]);
    const { text, ms } = this.#said(replyId);
    const words = text.split(' ');
    return ms === 0 ? '' : words.slice(0, Math.floor((words.length * heardMs) / ms)).join(' ');
  }
  takeWord() {
    this.done.push(['take-word']);
  }
  answerTurn() {
    this.done.push(['answer-turn']);
  }
  dropTurns(turnIds: readonly string[]) {
    this.done.push(['drop-turns', ...turnIds]);
  }
  close() {
    this.done.push(['close']);
  }
  /** A whole reply: its audio comes at once, faster than it is heard. */
  speak(replyId: string, text: string, lengthMs: number) {
    this.emit({ type: 'reply-started', replyId });
    this.emit({ type: 'transcript', role: 'agent', turnId: replyId, text, final: true });
    this.emit({ type: 'audio', replyId, audio: Buffer.alloc(lengthMs * 8) });
    this.emit({ type: 'reply-finished', replyId, outcome: 'completed' });
  }
}
