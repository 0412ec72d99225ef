// Watches over how long a call lasts, and whether its caller is still there: asks, warns, says goodbye, and ends it.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { WordedRequest } from '../voice-models/voice-model.ts';
import type { CallJournal } from './call-journal.ts';
import { noSilence, type SilenceRules, type SilenceState, stepSilence } from './silence-ladder.ts';

/** Silence is told in seconds. */
const lookEveryMs = 250;
/** A goodbye takes three seconds; the caller who speaks into it is answered no more. */
const lastWordsMs = 12_000;

const usualWords = {
  reprompt: 'The caller has said nothing for a while. Ask in a few words whether they are still there.',
  goodbye: 'The caller does not answer any more. Say in one short sentence that you will end the call, and goodbye.',
  warning: 'The call has to end in a minute or so. Tell the caller in one short sentence, and come to an end.',
  end: 'The time for this call is over. Say in one short sentence that you have to end it, and goodbye.',
} as const;

export interface AttendanceOptions {
  readonly agent: Pick<AgentProfile, 'silence' | 'longest_call'>;
  readonly journal: Pick<CallJournal, 'state'>;
  /** Nothing of the agent's is being made or waits to be heard, and nobody waits for anything but the caller's word. */
  isQuiet(): boolean;
  /** A machine is waited out, or the caller is on hold: not the moment to end the call. */
  isSilenced(): boolean;
  speak(request: WordedRequest): void;
  /** Ends the call once what was asked for was heard; the caller may take it back. */
  sayGoodbye(request: WordedRequest): void;
  hangUp(): void;
}

export class Attendance {
  readonly #options: AttendanceOptions;
  readonly #rules: SilenceRules;
  readonly #beganAt = Date.now();
  #silence: SilenceState = noSilence;
  #timer: NodeJS.Timeout | undefined;
  #hasWarned = false;
  #endsAtMs: number | undefined;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    const { after_seconds: seconds, reprompts } = options.agent.silence;
    this.#rules = { afterMs: seconds * 1000, reprompts };
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs);
  }

  /** The caller spoke or pressed a key. */
  callerActed(): void {
    this.#silence = noSilence;
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#lookAtLength()) return;
    const { agent, isQuiet, isSilenced, speak, sayGoodbye } = this.#options;
    const input = isQuiet() && !isSilenced() ? ({ type: 'quiet' } as const) : ({ type: 'busy' } as const);
    const { state, action } = stepSilence(this.#silence, input, performance.now(), this.#rules);
    this.#silence = state;
    const { reprompt, goodbye } = agent.silence;
    if (action === 'reprompt') speak(createWords(reprompt, usualWords.reprompt));
    if (action === 'goodbye') sayGoodbye(createWords(goodbye, usualWords.goodbye));
  }

  /** True: the call is at its end. */
  #lookAtLength(): boolean {
    const { agent, journal, isSilenced, speak, sayGoodbye, hangUp } = this.#options;
    const { minutes, warn_before_seconds: warnBefore, warning } = agent.longest_call;
    if (this.#endsAtMs !== undefined) {
      if (performance.now() >= this.#endsAtMs) hangUp();
      return true;
    }
    // Handing over has limits of its own.
    if (isSilenced()) return false;
    const leftMs = (journal.state.connectedAt ?? this.#beganAt) + minutes * 60_000 - Date.now();
    if (leftMs <= 0) {
      this.#endsAtMs = performance.now() + lastWordsMs;
      sayGoodbye(createWords(undefined, usualWords.end));
      return true;
    }
    if (!this.#hasWarned && leftMs <= warnBefore * 1000) {
      this.#hasWarned = true;
      speak(createWords(warning, usualWords.warning));
    }
    return false;
  }
}

function createWords(say: string | undefined, instructions: string): WordedRequest {
  return say === undefined ? { instructions } : { say };
}
