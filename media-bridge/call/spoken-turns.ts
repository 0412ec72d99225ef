// What was said: places replies on the carrier's timeline, cuts them when the caller takes the word, and writes down what was heard.
import type { Speaker } from '../../shared/call/call.ts';
import type { PageTurn } from '../../shared/call/page-turns.ts';
import { findHeardWords } from '../voice-models/heard-words.ts';
import type { ReplyOutcome } from '../voice-models/voice-model.ts';
import type { CallJournal } from './call-journal.ts';
import { isToldLate } from './dead-air/dead-air.ts';
import type { DeadAirWatch } from './dead-air/dead-air-watch.ts';
import type { MediaLeg } from './media-leg.ts';
import type { ModelLeg } from './model-leg.ts';
import type { Breach } from './openings.ts';
import { ReplyTimeline } from './reply-timeline.ts';
import { findUnheardWords } from './unheard-words.ts';

/** Late audio comes within a second of an interruption; nobody interrupts so often that more ids than this matter. */
const rememberedInterruptions = 32;

/** While a reply is being made: voices take about this long for a letter. */
const msPerCharacter = 60;

export interface Transcript {
  readonly role: Speaker;
  readonly turnId: string;
  readonly text: string;
  readonly final: boolean;
}

export interface SpokenTurnsOptions {
  readonly journal: Pick<CallJournal, 'record' | 'showPartial'>;
  readonly line: Pick<MediaLeg, 'sentMs' | 'playedMs' | 'clearAudio'>;
  readonly model: Pick<ModelLeg, 'isDirect' | 'answered' | 'speak' | 'breakOff' | 'interrupt'>;
  /** Knows who has the word, and who waits for it. */
  readonly watch: Pick<DeadAirWatch, 'floor' | 'tell' | 'callerQuietMs'>;
  /** These replies were heard to their end. */
  onHeard(replyIds: readonly string[]): void;
}

export class SpokenTurns {
  readonly #journal: SpokenTurnsOptions['journal'];
  readonly #line: SpokenTurnsOptions['line'];
  readonly #model: SpokenTurnsOptions['model'];
  readonly #watch: SpokenTurnsOptions['watch'];
  readonly #onHeard: SpokenTurnsOptions['onHeard'];
  readonly #timeline = new ReplyTimeline();
  readonly #texts = new Map<string, string>();
  readonly #interrupted = new Set<string>();
  #callerStoppedAt: number | undefined;
  /** How long the line had been quiet then. */
  #endpointingMs: number | undefined;

  constructor({ journal, line, model, watch, onHeard }: SpokenTurnsOptions) {
    this.#journal = journal;
    this.#line = line;
    this.#model = model;
    this.#watch = watch;
    this.#onHeard = onHeard;
  }

  /** Barge-in: nothing is heard of it when the agent was silent and had nothing to say. */
  callerStarted(): void {
    this.#callerStoppedAt = undefined;
    const { floor, callerQuietMs = 0 } = this.#watch;
    this.#watch.tell({ type: 'caller-started' });
    // What fills the silence of whoever has said it long ago, and waits, goes on.
    this.cut(isToldLate(floor, callerQuietMs) ? { spares: 'fillers' } : {});
    this.#model.breakOff();
  }

  /** `agoMs`: since it was told, which may have been waited for more of it. */
  callerStopped(agoMs = 0): void {
    this.#callerStoppedAt = performance.now();
    this.#endpointingMs = this.#watch.callerQuietMs;
    this.#watch.tell({ type: 'caller-stopped', agoMs });
  }

  /** Keys interrupt as words do; the caller who presses them waits for nothing before the last one. */
  keyPressed(): void {
    this.#callerStoppedAt = undefined;
    this.cut();
    this.#model.breakOff();
    this.#watch.tell({ type: 'settled' });
  }

  /** The model was asked for a reply in another way than by the caller's voice; they have waited for so long. */
  oweReply(agoMs = 0): void {
    this.#watch.tell({ type: 'owed', agoMs });
  }

  /** No reply is being made or waits to be heard. */
  get isQuiet(): boolean {
    return this.#timeline.isEmpty;
  }

  /** More of the agent's words are being made. */
  get isMaking(): boolean {
    return this.#timeline.isMaking;
  }

  /** One of these sentences is part of what the agent is saying, and was not heard to its end. */
  findUnheard(sentences: readonly string[]): boolean {
    if (sentences.length === 0) return false;
    const current = this.#timeline.findCurrent(this.#line.playedMs);
    if (!current) return false;
    const text = simplify(this.#texts.get(current.replyId) ?? '');
    const lengthMs = current.finished ? current.receivedMs : Math.max(current.receivedMs, text.length * msPerCharacter);
    return sentences.some((sentence) => {
      const words = simplify(sentence);
      const at = text.indexOf(words);
      return at >= 0 && current.heardMs < ((at + words.length) / text.length) * lengthMs;
    });
  }

  replyStarted(replyId: string): void {
    if (this.#interrupted.has(replyId)) return;
    this.#timeline.begin(replyId);
    this.#watch.tell({ type: 'reply-started' });
  }

  /** A piece of this reply, in the model's format, for the caller. Late audio of an interrupted reply is not wanted. */
  replySounded(replyId: string, audio: Buffer): void {
    if (this.#interrupted.has(replyId)) return;
    const atMs = this.#line.sentMs;
    // What fills the line at that moment is heard before it.
    const playoutMs = Math.round(atMs - this.#line.playedMs);
    if (!this.#timeline.hasAudio(replyId)) this.#model.answered();
    const lengthMs = this.#model.speak(audio);
    this.#timeline.add(replyId, atMs, lengthMs);
    this.#watch.tell({ type: 'reply-sounded', lengthMs });
    if (this.#callerStoppedAt === undefined) return;
    const latencyMs = Math.round(performance.now() - this.#callerStoppedAt);
    this.#callerStoppedAt = undefined;
    const endpointingMs = this.#endpointingMs === undefined ? undefined : Math.round(this.#endpointingMs);
    this.#journal.record({ type: 'reply-timed', latencyMs, endpointingMs, playoutMs });
  }

  replyFinished(replyId: string, outcome: ReplyOutcome): void {
    // Words that never became sound were not said.
    if (!this.#timeline.hasAudio(replyId)) this.#texts.delete(replyId);
    this.#timeline.finish(replyId);
    if (!this.#interrupted.has(replyId)) {
      this.#watch.tell({ type: 'reply-finished' });
      // Its model makes another one, or is lost.
      if (outcome === 'failed') this.oweReply();
    }
    this.settle();
  }

  transcript({ role, turnId, text, final }: Transcript): void {
    if (role === 'agent') {
      if (this.#interrupted.has(turnId)) return;
      // Kept until it is known how much of it was heard.
      this.#texts.set(turnId, text);
      this.#journal.showPartial(role, text);
    } else if (final) this.#recordTurn(turnId, role, text, false);
    else this.#journal.showPartial(role, text);
  }

  /** What the caller's page heard of the voice service. Whatever is followed here is written down here, and all of it once. */
  overheard(turns: readonly PageTurn[]): void {
    for (const { id, role, text, heardMs } of turns) {
      if (this.#texts.has(id)) continue;
      const piece = { text, receivedMs: heardMs ?? 0, isComplete: heardMs === undefined };
      const heard = findHeardWords([piece], heardMs ?? 0);
      this.#write(formatTurnId(id), role, heard, heardMs !== undefined, findUnheardWords(text, heard));
    }
  }

  /** Writes down what was heard to its end by now, and tells which replies that were. */
  settle(playedMs = this.#line.playedMs): void {
    const heard = this.#timeline.takeHeard(playedMs);
    for (const replyId of heard) this.#recordTurn(replyId, 'agent', this.#takeText(replyId), false);
    if (heard.length > 0) this.#onHeard(heard);
  }

  /**
   * Stops all that the caller has not heard yet: first on the line, then in the model's memory. `spares`: what fills a silence
   * is heard to its end, unless words come before it.
   */
  cut({ spares }: { spares?: 'fillers' } = {}): void {
    const startedAt = performance.now();
    const { playedMs } = this.#line;
    this.settle(playedMs);
    const unheard = this.#timeline.takeUnheard(playedMs);
    if (unheard.length === 0) return;
    if (spares === undefined || unheard.some(({ heardMs, receivedMs }) => heardMs < receivedMs)) {
      this.#line.clearAudio();
      this.#watch.tell({ type: 'cut' });
    } else this.#watch.tell({ type: 'reply-finished' });
    const stopMs = performance.now() - startedAt;
    for (const { replyId, heardMs } of unheard) {
      this.#rememberInterruption(replyId);
      const said = this.#takeText(replyId);
      // What the model remembers of it is what is written down.
      const heard = this.#model.interrupt(replyId, heardMs);
      this.#recordTurn(replyId, 'agent', heard, true, findUnheardWords(said, heard));
    }
    const heardMs = Math.round(unheard.reduce((sum, reply) => sum + reply.heardMs, 0));
    this.#journal.record({ type: 'agent-interrupted', heardMs, stopMs: Math.round(stopMs * 100) / 100 });
  }

  /**
   * No more audio will come for the replies in the making. What was received of them still plays, and a caller who barges in
   * cuts it; it is written down now, for the next model has to know it. Tells what the caller notices; undefined when nothing
   * was owed, and while the caller speaks.
   */
  modelLost(): Breach | undefined {
    const { floor } = this.#watch;
    this.#watch.tell({ type: 'model-lost' });
    this.#callerStoppedAt = undefined;
    this.settle();
    let breach: Breach | undefined = floor === 'agent' ? 'answer-overdue' : undefined;
    for (const { replyId, wasFinished } of this.#timeline.finishAll()) {
      if (!this.#timeline.hasAudio(replyId)) this.#texts.delete(replyId);
      const words = this.#takeText(replyId);
      // Of a reply without a word there is nothing to go on from.
      if (!wasFinished && floor !== 'caller') breach ??= words === '' ? 'answer-overdue' : 'reply-broke-off';
      this.#recordTurn(replyId, 'agent', words, !wasFinished);
    }
    return breach;
  }

  /** The end of the call cuts like a caller does. */
  close(): void {
    this.cut();
    this.#texts.clear();
  }

  #rememberInterruption(replyId: string): void {
    this.#interrupted.add(replyId);
    if (this.#interrupted.size > rememberedInterruptions) {
      const [oldest] = this.#interrupted;
      this.#interrupted.delete(oldest!);
    }
  }

  #takeText(replyId: string): string {
    const text = this.#texts.get(replyId) ?? '';
    this.#texts.delete(replyId);
    return text;
  }

  /** By the service's own name of it, where others may know it too. */
  #recordTurn(turnId: string, role: Speaker, text: string, interrupted: boolean, unheard = ''): void {
    this.#write(this.#model.isDirect ? formatTurnId(turnId) : undefined, role, text, interrupted, unheard);
  }

  #write(id: string | undefined, role: Speaker, text: string, interrupted: boolean, unheard: string): void {
    if (text === '') return;
    this.#journal.record({ type: 'turn-finished', role, text, interrupted, ...(unheard !== '' && { unheard }) }, id);
  }
}

const formatTurnId = (turnId: string) => `turn-${turnId}`;

/** As it sounds: without marks and case. */
function simplify(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(' ');
}
