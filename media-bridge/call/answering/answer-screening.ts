// Finds out who picked up an outbound call, and keeps the agent from chatting with a machine: it leaves a message or hangs up.
import type { AgentProfile } from '../../../shared/agents/agent.ts';
import type { CallFact } from '../../../shared/call/call-event.ts';
import { type AudioConverter, createAudioConverter } from '../../audio/audio-converter.ts';
import type { AudioFormat } from '../../audio/audio-format.ts';
import type { VoiceModel } from '../../voice-models/voice-model.ts';
import { AnswerDetector, type AnswerVerdict, greetingTextMs } from './answer-detector.ts';
import { MutableModel } from './mutable-model.ts';
import { isVoicemailText } from './voicemail-phrases.ts';

/** Machines that do not beep record from here; those that do pause for less before it, as a rule. */
const endOfGreetingMs = 1_500;
/** Longer greetings are rare, and whoever has one is left a message in the middle of it. */
const longestGreetingMs = 30_000;
/** What the model still has to say to the machine's talk begins within it, and is cut. */
const settlingMs = 2_000;
/** Sound over our message that is more than a click or a cough. */
const spokenOverMs = 500;
const pauseMs = 600;
/** The second is not taken back: some lines never fall silent. */
const maxAttempts = 2;
/** From asking for the message until it was heard. No voicemail box records a longer one of ours. */
const longestMessageMs = 60_000;

/** Of turns: the first was answered to the end without a word into it, and the second is being answered. No machine waits so. */
const answeredTurns = 2;

const detectorFormat: AudioFormat = { encoding: 'pcm16', sampleRate: 8000 };

/** What screening may do to the call. */
export interface ScreenedLine {
  record(fact: CallFact): void;
  /** Cuts what the agent is saying, as a caller who barges in does. */
  silence(): void;
  /** Ends the call as one that a machine took. */
  hangUp(): void;
}

export interface AnswerScreeningOptions {
  readonly agent: Pick<AgentProfile, 'on_machine' | 'voicemail_message'>;
  /** The carrier's. */
  readonly format: AudioFormat;
  /** As far as it was found out before this replica took the call. */
  readonly answeredBy: AnswerVerdict | undefined;
  readonly line: ScreenedLine;
}

/**
 * All times are counted in the callee's audio, which carriers send without a gap. The agent greets at once and talks as with a
 * person until there is evidence of a machine. Then the model is muted while the machine talks, and leaves its message after
 * the beep or the machine's silence. If all the evidence is how long somebody talked, and somebody talks over the message,
 * then it was a person: the conversation goes on. A machine that talks over it is left the message once more.
 */
export class AnswerScreening {
  readonly #options: AnswerScreeningOptions;
  readonly #line: ScreenedLine;
  readonly #detector = new AnswerDetector(detectorFormat);
  readonly #toDetector: AudioConverter;
  /** `ready`: the machine listens, the model has still to fall silent. */
  #phase: 'listening' | 'waiting' | 'ready' | 'speaking' | 'over' = 'listening';
  #sinceMs = 0;
  #answeredBy: AnswerVerdict | undefined;
  /** The carrier said so: our guess by the sound alone is worth less. */
  #wasTold = false;
  /** A beep, words or the carrier told of a machine. */
  #isCertain = false;
  /** The callee was answered, and so is one. */
  #isPerson = false;
  #beepWasUsed = false;
  #attempts = 0;
  #overMs = 0;
  /** The callee said something that no reply has begun to answer. */
  #hasSpoken = false;
  /** Replies to what the callee said, and how many of them were heard to their end. */
  readonly #answers: string[] = [];
  #heardAnswers = 0;
  #model: MutableModel | undefined;

  constructor(options: AnswerScreeningOptions) {
    this.#options = options;
    this.#line = options.line;
    this.#toDetector = createAudioConverter(options.format, detectorFormat);
    if (options.answeredBy === 'machine') {
      this.#answeredBy = 'machine';
      this.#wasTold = true;
      this.#isCertain = true;
      this.#enter('waiting');
    }
  }

  /** A machine is waited out or spoken to. */
  get isMuted(): boolean {
    return this.#phase === 'waiting' || this.#phase === 'ready' || this.#phase === 'speaking';
  }

  /** It is not known yet who picked up, or a machine is dealt with. */
  get isUnderWay(): boolean {
    return this.#phase !== 'over';
  }

  /** Each model of the call is spoken with through what this returns. */
  wrap(model: VoiceModel): VoiceModel {
    this.#model = new MutableModel(model);
    if (this.isMuted) this.#model.mute();
    // The one before took the message with it.
    if (this.#phase === 'speaking') this.#enter('ready');
    return this.#model;
  }

  /** The callee's audio, in the carrier's format. */
  hear(audio: Buffer): void {
    if (this.#phase === 'over') return;
    const before = this.#detector.heardMs;
    const verdict = this.#detector.push(samplesOf(this.#toDetector.convert(audio)));
    if (this.#detector.isSpeech) this.#overMs += this.#detector.heardMs - before;
    else if (this.#detector.silentMs >= pauseMs) this.#overMs = 0;
    if (verdict) this.#decide(verdict, verdict === 'machine' && this.#detector.beepEnded);
    this.#advance();
  }

  /** A reply of the agent's begins. */
  replyStarted(replyId: string): void {
    if (!this.#hasSpoken || this.isMuted) return;
    this.#hasSpoken = false;
    this.#answers.push(replyId);
    this.#checkPerson();
  }

  /** What the callee said, as far as it was written down. */
  hearText(text: string): void {
    this.#hasSpoken = true;
    if (this.#phase === 'over' || this.#detector.heardMs > greetingTextMs || !isVoicemailText(text)) return;
    this.#decide('machine', true);
  }

  /** The carrier found out by itself, and it is written down. */
  told(answeredBy: AnswerVerdict): void {
    if (answeredBy === 'unknown' || (this.#phase === 'over' && !this.#isPerson)) return;
    const known = this.#isPerson ? 'person' : this.#isCertain ? 'machine' : answeredBy;
    if (known !== answeredBy) {
      // What was heard is worth more: people do not beep, and machines do not converse. Said once more, since the last word stands.
      this.#line.record({ type: 'answered-by', answeredBy: known });
      return;
    }
    if (this.#isPerson) return;
    const before = this.#answeredBy;
    this.#answeredBy = answeredBy;
    this.#wasTold = true;
    if (answeredBy === 'machine') this.#isCertain = true;
    if (answeredBy === 'machine' && before !== 'machine') this.#onMachine();
    if (answeredBy === 'person' && this.isMuted) this.#giveBack();
  }

  /** These replies were heard to their end. */
  repliesHeard(replyIds: readonly string[]): void {
    this.#heardAnswers += this.#answers.filter((id) => replyIds.includes(id)).length;
    this.#checkPerson();
    const id = this.#model?.spokenMessageId;
    if (this.#phase !== 'speaking' || id === undefined || !replyIds.includes(id)) return;
    this.#hangUp();
  }

  close(): void {
    this.#phase = 'over';
  }

  #decide(verdict: AnswerVerdict, isCertain: boolean): void {
    if (isCertain) this.#isCertain = true;
    else if (this.#wasTold) return;
    if (verdict === this.#answeredBy) return;
    this.#answeredBy = verdict;
    this.#line.record({ type: 'answered-by', answeredBy: verdict });
    if (verdict === 'machine') this.#onMachine();
  }

  /** Who has been answered is a person, whatever else is found out. */
  #checkPerson(): void {
    if (this.isMuted || this.#isPerson || this.#heardAnswers === 0 || this.#answers.length < answeredTurns) return;
    this.#phase = 'over';
    this.#isPerson = true;
    if (this.#answeredBy === 'person') return;
    this.#answeredBy = 'person';
    this.#line.record({ type: 'answered-by', answeredBy: 'person' });
  }

  #onMachine(): void {
    if (this.#options.agent.on_machine === 'hang-up') this.#hangUp();
    else this.#mute('waiting');
  }

  #mute(phase: 'waiting' | 'ready'): void {
    this.#line.silence();
    this.#model?.mute();
    this.#enter(phase);
  }

  #advance(): void {
    const { heardMs, silentMs, beepEnded } = this.#detector;
    const passedMs = heardMs - this.#sinceMs;
    switch (this.#phase) {
      case 'listening':
        if (heardMs > greetingTextMs) this.#phase = 'over';
        return;
      case 'waiting':
        if (this.#takeBeep() || silentMs >= endOfGreetingMs || passedMs >= longestGreetingMs) this.#enter('ready');
        return;
      case 'ready':
        this.#takeBeep();
        if (this.#model && (this.#model.isQuiet || passedMs >= settlingMs)) this.#leaveMessage(this.#model);
        return;
      case 'speaking':
        if (passedMs >= longestMessageMs) this.#hangUp();
        // What comes before the message begins cannot drown it.
        else if (!this.#model?.hasBegunMessage) this.#overMs = 0;
        else if (!this.#beepWasUsed && beepEnded) this.#mute('ready');
        else if (this.#overMs >= spokenOverMs) this.#onSpokenOver();
        return;
      case 'over':
        return;
      default:
        this.#phase satisfies never;
    }
  }

  /** The first beep counts: what follows it may be one of another kind, of a box that is full or of our message's end. */
  #takeBeep(): boolean {
    if (this.#beepWasUsed || !this.#detector.beepEnded) return false;
    this.#beepWasUsed = true;
    this.#isCertain = true;
    return true;
  }

  #leaveMessage(model: MutableModel): void {
    const { voicemail_message: message } = this.#options.agent;
    if (message === undefined) {
      this.#hangUp();
      return;
    }
    this.#attempts++;
    this.#enter('speaking');
    model.sayMessage(message);
  }

  #onSpokenOver(): void {
    if (!this.#isCertain) {
      this.#answeredBy = 'person';
      this.#line.record({ type: 'answered-by', answeredBy: 'person' });
      this.#giveBack();
    } else if (this.#attempts < maxAttempts) this.#mute('waiting');
  }

  /** There is a person after all. */
  #giveBack(): void {
    this.#line.silence();
    this.#model?.unmute();
    this.#phase = 'listening';
    this.#model?.requestReply({
      instructions:
        'You took the person on the phone for an answering machine. Apologise in a few words, say who you are and why you call.',
    });
  }

  #hangUp(): void {
    this.#phase = 'over';
    this.#line.hangUp();
  }

  #enter(phase: 'waiting' | 'ready' | 'speaking'): void {
    this.#phase = phase;
    this.#sinceMs = this.#detector.heardMs;
    this.#overMs = 0;
  }
}

/** Copied: samples at an odd address cannot be read in place. */
function samplesOf(pcm16: Buffer): Int16Array {
  return new Int16Array(pcm16.buffer.slice(pcm16.byteOffset, pcm16.byteOffset + pcm16.length) as ArrayBuffer);
}
