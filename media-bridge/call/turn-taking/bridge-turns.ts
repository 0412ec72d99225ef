// The bridge decides whose turn it is: hears the caller itself, asks the turn machine, and has done what it says.
import type { TurnRules } from '../../../shared/agents/turn-rules.ts';
import { type AudioFormat, frameMs } from '../../audio/audio-format.ts';
import type { VoiceModel } from '../../voice-models/voice-model.ts';
import type { CallJournal } from '../call-journal.ts';
import { isToldLate } from '../dead-air/dead-air.ts';
import type { DeadAirWatch } from '../dead-air/dead-air-watch.ts';
import type { MediaLeg } from '../media-leg.ts';
import type { ModelLeg } from '../model-leg.ts';
import type { SpokenTurns, Transcript } from '../spoken-turns.ts';
import { CallerEar, type HeardFrame } from './caller-ear.ts';
import { addBackchannel, findSlackMs, newCallerHabits } from './caller-habits.ts';
import { HeardClock } from './heard-clock.ts';
import { HeardTurns } from './heard-turns.ts';
import { stepTurn } from './turn-machine.ts';
import { createTurnNumbers, type TurnNumbers } from './turn-numbers.ts';
import { type AgentMoment, quietTurn, type TurnAction, type TurnInput, type TurnState } from './turn-state.ts';
import type { TurnTaking } from './turn-taking.ts';
import { WordJudge } from './word-evidence.ts';

/** No service needs so long to find the end of a sound: whoever still hears one that ended for us has lost its end. */
const longestEndMs = 1_000;
/** A line that was dead comes back in the midst of a word, which is heard by then. */
const wordIsHeardWithinMs = 300;
/** What nobody but our own ear heard, and is shorter, is not written down. */
const leastKeptMs = 250;

export interface BridgeTurnsOptions {
  readonly rules: TurnRules;
  /** What the caller may speak. */
  readonly languages: readonly string[];
  readonly format: AudioFormat;
  readonly journal: Pick<CallJournal, 'record'>;
  readonly line: Pick<MediaLeg, 'sentMs' | 'playedMs' | 'setManner' | 'clearAudio'>;
  readonly model: Pick<ModelLeg, 'settleTurn' | 'holdsTurn' | 'holdsVoice'> & {
    readonly model: Pick<VoiceModel, 'takeWord' | 'answerTurn' | 'dropTurns' | 'sendText'> | undefined;
  };
  readonly turns: Pick<
    SpokenTurns,
    'callerStarted' | 'callerStopped' | 'transcript' | 'oweReply' | 'isMaking' | 'findUnheard'
  >;
  readonly watch: Pick<DeadAirWatch, 'floor' | 'tell' | 'notice' | 'callerQuietMs'>;
  /** Nobody is there who could take the word: a machine, or a caller on hold. */
  isSilenced(): boolean;
  /** The call ends with what the agent is saying. */
  isGoodbye(): boolean;
  /** The caller is still there, whatever they do. */
  onCallerHeard(): void;
  /** Stops the agent: the caller has the word. */
  takeWord(): void;
}

export class BridgeTurns implements TurnTaking {
  readonly #options: BridgeTurnsOptions;
  readonly #ear: CallerEar;
  readonly #words: WordJudge;
  readonly #mustBeHeard: readonly string[];
  readonly #heard: HeardTurns;
  #state = quietTurn;
  #habits = newCallerHabits;
  /** The service has told words of a turn that was not over. */
  #tellsWords = false;
  #numbers: TurnNumbers;
  /** What was taken for an aside last, and may have been none. */
  #doubted: readonly Transcript[] = [];
  /** Since when the line has had something of the agent's to play, by the clock; undefined while it has nothing. */
  #audibleSinceMs: number | undefined;
  /** When it was here again after it had been dead. */
  #lineBackMs = Number.NEGATIVE_INFINITY;
  readonly #clock = new HeardClock();
  /** When the line had a sound of the caller last. */
  #soundAtMs = Number.NEGATIVE_INFINITY;
  #knowsRoom = false;
  #isOver = false;

  constructor(options: BridgeTurnsOptions) {
    this.#options = options;
    this.#heard = new HeardTurns(options.turns);
    this.#ear = new CallerEar(options.format);
    this.#words = new WordJudge(options.languages);
    this.#numbers = this.#createNumbers();
    this.#mustBeHeard = options.rules.must_be_heard;
    options.line.setManner('attentive');
  }

  hear(audio: Buffer): void {
    if (this.#isOver) return;
    this.#ear.hear(audio, (frame) => this.#hearFrame(frame));
  }

  callerStarted(turnId: string | undefined): void {
    if (this.#isOver) return;
    if (turnId !== undefined) this.#heard.begin(turnId);
    this.#options.onCallerHeard();
    this.#options.watch.notice();
    this.#step({ type: 'service-started', turnId });
  }

  callerStopped(turnId: string | undefined): void {
    if (this.#isOver) return;
    this.#options.watch.notice();
    this.#step({ type: 'service-stopped', turnId });
  }

  transcript(transcript: Transcript): void {
    const { role, final } = transcript;
    if (role === 'agent') {
      this.#options.turns.transcript(transcript);
      return;
    }
    this.#heard.take(transcript);
    if (this.#isOver) return;
    if (!final && this.#state.isHeardThere && !this.#tellsWords) {
      this.#tellsWords = true;
      this.#numbers = this.#createNumbers();
    }
    if (!this.#heard.isOpen(transcript)) {
      if (final && this.#heard.isLast(transcript)) this.#hearLate(transcript);
      return;
    }
    const evidence = this.#words.judge(this.#heard.text);
    this.#step({ type: 'words', evidence, isFinal: this.#heard.isComplete });
  }

  takeWord(): void {
    this.#options.takeWord();
  }

  get awaitsWords(): boolean {
    return this.#heard.awaitsWords;
  }

  settled(): void {
    this.#heard.settle();
  }

  #hearLate({ text }: Transcript): void {
    this.#step({ type: 'late-words', evidence: this.#words.judge(text) });
  }

  modelLost(): void {
    if (this.#options.model.holdsVoice) this.#heard.lose();
    if (this.#state.phase === 'taken') this.#heard.release();
    else this.forget();
    this.#loseService();
  }

  #loseService(): void {
    this.#step({ type: 'service-lost', holdsTurn: this.#options.model.holdsTurn });
  }

  lineCameBack(): void {
    this.#lineBackMs = this.#clock.nowMs;
  }

  forget(): void {
    this.#heard.release();
    this.#state = { ...quietTurn, manner: 'attentive' };
    this.#options.line.setManner('attentive');
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#heard.close();
    this.#options.line.setManner('steady');
  }

  #hearFrame(frame: HeardFrame): void {
    this.#clock.hear();
    const knewRoom = this.#knowsRoom;
    this.#knowsRoom = frame.isRoomKnown;
    const { callerQuietMs } = this.#options.watch;
    if (callerQuietMs !== undefined && callerQuietMs < frameMs) this.#soundAtMs = this.#clock.nowMs;
    if (this.#options.isSilenced()) {
      if (this.#state.phase !== 'idle') this.forget();
      return;
    }
    this.#step({ type: 'frame', ...frame });
    if (!knewRoom && frame.isRoomKnown) this.#missWords();
    if (this.#state.phase === 'taken' && !this.#options.model.model) this.#loseService();
    if (this.#hasLostItsEnd) this.#step({ type: 'service-stopped' });
  }

  /** Of whoever was speaking when the line came here, and has said no more since, nobody has made out anything. */
  #missWords(): void {
    const { line, turns, watch } = this.#options;
    const silentMs = this.#ear.cutShortMs;
    const isQuiet = this.#state.phase === 'idle' && watch.floor === 'nobody' && line.sentMs <= line.playedMs;
    if (silentMs !== undefined && isQuiet && Number.isFinite(this.#lineBackMs)) turns.oweReply(silentMs);
  }

  /** Who has the word for sure is waited for by others. */
  get #hasLostItsEnd(): boolean {
    const { isHeardThere, phase, beganMs } = this.#state;
    if (!isHeardThere || phase === 'taken') return false;
    return this.#soundAtMs > beganMs && this.#clock.nowMs - this.#soundAtMs >= longestEndMs;
  }

  #step(input: TurnInput): void {
    if (this.#options.isSilenced()) return;
    const before = this.#state;
    const { state, actions } = stepTurn(before, input, this.#look(), this.#numbers);
    this.#state = state;
    // What no service took for a voice may be no caller's.
    const isVoice = before.thereUntilMs !== undefined && before.kind === 'speech';
    if (isVoice && actions.some(({ type }) => type === 'reply')) this.#ear.learnVoice();
    for (const action of actions) this.#do(action);
    const isDropped = actions.some(({ type }) => type === 'drop');
    // What is left of it says nothing: unless they say it again, they are asked to.
    if (isDropped && this.#isEndOfMore(before)) this.#options.turns.oweReply();
  }

  /** Of a turn that began while the line was dead. */
  #isEndOfMore({ beganMs, heardMs, kind }: TurnState): boolean {
    return kind !== 'noise' && heardMs >= this.#lineBackMs && beganMs <= this.#lineBackMs + wordIsHeardWithinMs;
  }

  #do(action: TurnAction): void {
    const { line, model, turns, watch } = this.#options;
    switch (action.type) {
      case 'listen':
        this.#ear.beginSound();
        return;
      case 'manner':
        line.setManner(action.manner);
        return;
      case 'take': {
        const isLate = isToldLate(watch.floor, watch.callerQuietMs ?? 0);
        this.#options.takeWord();
        // What fills a silence is no reply, and is stopped as well, for whoever speaks.
        if (!isLate && line.sentMs > line.playedMs) {
          line.clearAudio();
          watch.tell({ type: 'cut' });
        }
        model.model?.takeWord();
        return;
      }
      case 'reply': {
        this.#heard.end();
        // Whoever comes after this model reads it.
        if (this.#heard.isUnderstood) model.settleTurn();
        turns.callerStopped(action.restedMs);
        model.model?.answerTurn();
        return;
      }
      case 'drop':
        this.#drop(action);
        return;
      case 'reconsider':
        this.#reconsider();
        return;
      default:
        action satisfies never;
    }
  }

  /** The model has forgotten it, and is told; one that comes after it reads what is written down. */
  #reconsider(): void {
    const { turns, model } = this.#options;
    for (const transcript of this.#doubted) turns.transcript({ ...transcript, final: true });
    turns.callerStopped();
    model.model?.sendText(this.#doubted.map(({ text }) => text.trim()).join(' '));
    this.#doubted = [];
  }

  #drop({ sound, lengthMs, pausedMs, isNoticed, isDoubted }: Extract<TurnAction, { type: 'drop' }>): void {
    const { journal, model, watch } = this.#options;
    const { text, transcripts } = this.#heard;
    if (isDoubted) this.#doubted = transcripts.filter(({ text }) => text.trim() !== '');
    const ids = this.#heard.drop();
    model.model?.dropTurns(ids);
    // Of words that the service took no notice of, whoever comes after it may know better.
    if (isNoticed || sound !== 'words') model.settleTurn();
    if (watch.floor === 'caller') watch.tell({ type: 'settled' });
    const isListening = sound === 'words' || sound === 'hum';
    // Nor is a service deaf that takes no notice of what is no voice.
    if (sound !== 'words') watch.notice();
    if (!isNoticed && !(isListening && lengthMs >= leastKeptMs)) return;
    if (isListening) this.#learnHabit(lengthMs);
    journal.record({
      type: 'backchannel',
      sound,
      text,
      lengthMs: Math.round(lengthMs),
      pausedMs: Math.round(pausedMs),
    });
  }

  #learnHabit(lengthMs: number): void {
    this.#habits = addBackchannel(this.#habits, lengthMs);
    this.#numbers = this.#createNumbers();
  }

  #createNumbers(): TurnNumbers {
    return createTurnNumbers(this.#options.rules, { slackMs: findSlackMs(this.#habits), tellsWords: this.#tellsWords });
  }

  #look(): AgentMoment {
    const { line, turns, watch, isGoodbye } = this.#options;
    const { nowMs } = this.#clock;
    const leftMs = line.sentMs - line.playedMs;
    const isAudible = leftMs > 0;
    if (!isAudible) this.#audibleSinceMs = undefined;
    else this.#audibleSinceMs ??= nowMs;
    return {
      nowMs,
      isAudible,
      heardMs: nowMs - (this.#audibleSinceMs ?? nowMs),
      leftMs: turns.isMaking ? Number.POSITIVE_INFINITY : leftMs,
      owesReply: !isAudible && (watch.floor === 'agent' || turns.isMaking),
      guard: isAudible && turns.findUnheard(this.#mustBeHeard) ? 'heard-out' : isGoodbye() ? 'goodbye' : 'none',
    };
  }
}
