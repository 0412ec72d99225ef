// What a page hears of the session that it has with a realtime service: whole turns, by the service's own events, for a bridge that has missed some.
import type { Speaker } from './call.ts';

export interface PageTurn {
  /** The service's: of the caller's item, or of the agent's response. */
  readonly id: string;
  readonly role: Speaker;
  readonly text: string;
  /** Of a reply that was cut: for so long it was heard. */
  readonly heardMs?: number;
}

/** No bridge is away for longer than a few turns; and all of them fit into one message. */
export const maxPageTurns = 8;
export const maxPageTurnCharacters = 1_500;
/** Under way at the same time; whatever is never finished goes with the oldest. */
const maxUnderWay = 16;

/** Of the agent's. */
interface TurnUnderWay {
  /** By item. */
  readonly texts: Map<string, string>;
  /** When its sound began. */
  startedAtMs?: number;
  /** No bridge has followed it from its beginning. */
  isMissed: boolean;
}

interface ServiceEvent {
  readonly type: string;
  readonly item_id?: string;
  readonly response_id?: string;
  readonly delta?: string;
  readonly transcript?: string;
}

export class PageTurns {
  readonly #tell: (turns: readonly PageTurn[]) => void;
  readonly #underWay = new Map<string, TurnUnderWay>();
  #finished: readonly PageTurn[] = [];
  #isFollowed = true;

  /** `tell`: to the bridge that is there, what it has missed or may have missed. */
  constructor(tell: (turns: readonly PageTurn[]) => void) {
    this.#tell = tell;
  }

  /** A message of the service's data channel, at a time of `performance.now()`. */
  receive(text: string, atMs: number): void {
    const { type, item_id: itemId, response_id: replyId, delta, transcript } = parseEvent(text);
    switch (type) {
      case 'input_audio_buffer.speech_started':
        this.#cutAll(atMs);
        return;
      case 'conversation.item.input_audio_transcription.completed':
        if (itemId && transcript) this.#finish({ id: itemId, role: 'caller', text: transcript }, !this.#isFollowed);
        return;
      case 'response.output_audio_transcript.delta':
        if (replyId && itemId) this.#addWords(replyId, itemId, (before) => before + (delta ?? ''));
        return;
      case 'response.output_audio_transcript.done':
        if (replyId && itemId) this.#addWords(replyId, itemId, () => transcript ?? '');
        return;
      case 'output_audio_buffer.started':
        if (replyId) this.#begin(replyId).startedAtMs = atMs;
        return;
      case 'output_audio_buffer.stopped':
        if (replyId) this.#end(replyId, undefined);
        return;
      case 'output_audio_buffer.cleared':
        if (replyId) this.#cut(replyId, atMs);
        return;
      default:
        return;
    }
  }

  /** The bridge is not there: until another one, or the same again, has joined the session, nobody follows it. */
  lost(): void {
    this.#isFollowed = false;
  }

  /** A socket to a bridge is open again. */
  reopened(): void {
    if (this.#finished.length > 0) this.#tell(this.#finished);
  }

  /** The bridge follows whatever begins from now on. */
  joined(): void {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    for (const turn of this.#underWay.values()) turn.isMissed = true;
  }

  #begin(replyId: string): TurnUnderWay {
    const known = this.#underWay.get(replyId);
    if (known) return known;
    const turn: TurnUnderWay = { texts: new Map(), isMissed: !this.#isFollowed };
    this.#underWay.set(replyId, turn);
    if (this.#underWay.size > maxUnderWay) this.#underWay.delete(this.#underWay.keys().next().value!);
    return turn;
  }

  #addWords(replyId: string, itemId: string, change: (before: string) => string): void {
    const { texts } = this.#begin(replyId);
    texts.set(itemId, change(texts.get(itemId) ?? ''));
  }

  #cutAll(atMs: number): void {
    for (const replyId of [...this.#underWay.keys()]) this.#cut(replyId, atMs);
  }

  /** What has not begun to sound was not said. */
  #cut(replyId: string, atMs: number): void {
    const turn = this.#underWay.get(replyId);
    if (turn?.startedAtMs === undefined) this.#underWay.delete(replyId);
    else this.#end(replyId, Math.max(0, Math.round(atMs - turn.startedAtMs)));
  }

  #end(replyId: string, heardMs: number | undefined): void {
    const turn = this.#underWay.get(replyId);
    if (!turn) return;
    this.#underWay.delete(replyId);
    const text = [...turn.texts.values()]
      .map((words) => words.trim())
      .filter(Boolean)
      .join(' ');
    if (text === '') return;
    this.#finish({ id: replyId, role: 'agent', text, ...(heardMs !== undefined && { heardMs }) }, turn.isMissed);
  }

  #finish(whole: PageTurn, isMissed: boolean): void {
    const turn = { ...whole, text: whole.text.slice(0, maxPageTurnCharacters) };
    this.#finished = [...this.#finished, turn].slice(-maxPageTurns);
    if (isMissed || !this.#isFollowed) this.#tell([turn]);
  }
}

function parseEvent(text: string): ServiceEvent {
  try {
    return JSON.parse(text) as ServiceEvent;
  } catch {
    return { type: 'malformed' };
  }
}
