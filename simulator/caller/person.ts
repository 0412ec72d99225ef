// A person on the phone who follows a script: waits for the agent, speaks, interrupts, presses keys and hangs up.
import { AgentEar } from './agent-ear.ts';
import { describeStep, type PersonEvent, type PersonReport, type PersonStep, type SaidLine } from './person-script.ts';
import { type Phone, phoneFrameMs, phoneFrameSamples } from './phone.ts';
import { SampleTape } from './sample-tape.ts';

/** Longer than any reply of an agent that works. */
const defaultMaxWaitMs = 30_000;
/** After the last step the person stays so long for the other side to hang up. */
const goodbyeMs = 60_000;
/** An agent that is silent for so long while it is spoken over has been cut off. */
const cutOffMs = 100;
/** An agent that speaks on for so long after it was interrupted was not. */
const regardlessMs = 500;

export interface Person extends Phone {
  readonly done: Promise<PersonReport>;
}

export interface PersonOptions {
  readonly script: readonly PersonStep[];
  /** Renders a line at 16 kHz. Every line is rendered before the call, so that the clock never waits for a voice. */
  readonly speak: (text: string) => Promise<Int16Array>;
  /** Told as it happens what will stand in the report's timeline. */
  readonly onEvent?: (event: PersonEvent) => void;
  /** Of silence, after which the agent has finished. */
  readonly endOfSpeechMs?: number | undefined;
}

export async function createPerson({ script, speak, onEvent, endOfSpeechMs }: PersonOptions): Promise<Person> {
  const texts = script.flatMap((step) => ('say' in step ? [step.say] : []));
  const voice = new Map<string, Int16Array>();
  for (const text of new Set(texts)) voice.set(text, await speak(text));
  return new ScriptedPerson(script, voice, onEvent, new AgentEar(endOfSpeechMs));
}

const silence = new Int16Array(phoneFrameSamples);

class ScriptedPerson implements Person {
  readonly done: Promise<PersonReport>;
  readonly #script: readonly PersonStep[];
  readonly #voice: ReadonlyMap<string, Int16Array>;
  readonly #onEvent: PersonOptions['onEvent'];
  readonly #done = Promise.withResolvers<PersonReport>();
  readonly #ear: AgentEar;
  readonly #heard = new SampleTape();
  readonly #said = new SampleTape();
  readonly #timeline: PersonEvent[] = [];
  readonly #lines: { -readonly [Key in keyof SaidLine]: SaidLine[Key] }[] = [];
  /** The clock of the whole person: frames heard. */
  #clockMs = 0;
  #step = 0;
  #stepSinceMs = 0;
  /** Set by the agent's speech, taken by the step that waited for it. */
  #agentFinished = false;
  #saying: { readonly samples: Int16Array; position: number } | undefined;
  /** The agent was speaking when the person began to. */
  #interrupting = false;
  #keys = '';
  #hangsUp = false;
  #closed = false;
  #reason: string | undefined;

  constructor(
    script: readonly PersonStep[],
    voice: ReadonlyMap<string, Int16Array>,
    onEvent: PersonOptions['onEvent'],
    ear: AgentEar,
  ) {
    this.#script = script;
    this.#voice = voice;
    this.#onEvent = onEvent;
    this.#ear = ear;
    this.done = this.#done.promise;
  }

  get hangsUp(): boolean {
    return this.#hangsUp;
  }

  speak(): Int16Array {
    this.#act();
    const frame = this.#nextFrame();
    this.#said.record(frame);
    return frame;
  }

  hear(samples: Int16Array): void {
    this.#heard.record(samples);
    this.#clockMs += phoneFrameMs;
    const change = this.#ear.hear(samples);
    if (change === 'started') this.#onAgentStarted();
    else if (change !== undefined) this.#onAgentStopped(change === 'finished');
  }

  takeKeys(): string {
    const keys = this.#keys;
    this.#keys = '';
    return keys;
  }

  lineClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#note({ type: 'line-closed', atMs: this.#clockMs });
    const step = this.#script[this.#step];
    const isDone = !step || 'hangUp' in step || ('wait' in step && step.wait === 'line-closed');
    const mayClose = isDone && !this.#saying;
    const outcome = this.#reason ? 'timed-out' : mayClose ? 'finished' : 'cut-off';
    const reason = outcome === 'cut-off' ? `was cut off ${this.#describe()}` : this.#reason;
    this.#done.resolve({
      outcome,
      reason,
      failedStep: outcome === 'finished' ? undefined : this.#currentStep,
      timeline: this.#timeline,
      lines: this.#lines,
      heard: this.#heard.samples,
      said: this.#said.samples,
    });
  }

  /** Does all steps that can be done at this moment. */
  #act(): void {
    while (!this.#saying && !this.#hangsUp) {
      const step = this.#script[this.#step];
      if (!step) {
        this.#expire(goodbyeMs);
        return;
      }
      if (!this.#perform(step)) return;
      this.#step++;
      this.#stepSinceMs = this.#clockMs;
    }
  }

  /** False: the step is not done yet. */
  #perform(step: PersonStep): boolean {
    if ('say' in step) {
      const wantedMs = 'afterAgentSpokeMs' in step ? step.afterAgentSpokeMs : 0;
      if (this.#ear.speakingForMs < wantedMs) return this.#expire('maxMs' in step ? step.maxMs : undefined);
      this.#startSaying(step.say);
      return true;
    }
    if ('press' in step) {
      this.#keys += step.press;
      this.#note({ type: 'pressed', atMs: this.#clockMs, keys: step.press });
      return true;
    }
    if ('pauseMs' in step) return this.#clockMs - this.#stepSinceMs >= step.pauseMs;
    if ('hangUp' in step) {
      this.#hangUp();
      return false;
    }
    if (step.wait === 'agent-speaking' && this.#ear.isSpeaking) return true;
    if (step.wait === 'agent-finished' && this.#agentFinished) {
      this.#agentFinished = false;
      return true;
    }
    return this.#expire(step.maxMs);
  }

  #expire(maxMs = defaultMaxWaitMs): false {
    if (this.#clockMs - this.#stepSinceMs < maxMs) return false;
    this.#reason = `gave up after ${maxMs / 1000} s ${this.#describe()}`;
    this.#hangUp();
    return false;
  }

  /** A line that is being said is a step that was begun, and the next one is not. */
  get #currentStep(): number {
    return this.#saying ? this.#step - 1 : this.#step;
  }

  #describe(): string {
    const step = this.#script[this.#currentStep];
    return `${step ? `in step ${this.#currentStep + 1}, ` : ''}${describeStep(step)}`;
  }

  #hangUp(): void {
    this.#hangsUp = true;
    this.#note({ type: 'hung-up', atMs: this.#clockMs });
  }

  #startSaying(text: string): void {
    this.#saying = { samples: this.#voice.get(text)!, position: 0 };
    this.#interrupting = this.#ear.isSpeaking;
    this.#note({ type: 'started-saying', atMs: this.#clockMs, text });
    this.#lines.push({
      text,
      startedMs: this.#clockMs,
      finishedMs: Number.POSITIVE_INFINITY,
      answeredAfterMs: undefined,
      agentStoppedAfterMs: undefined,
    });
  }

  #nextFrame(): Int16Array {
    if (!this.#saying) return silence;
    const { samples, position } = this.#saying;
    const frame = new Int16Array(phoneFrameSamples);
    frame.set(samples.subarray(position, position + phoneFrameSamples));
    this.#saying.position += phoneFrameSamples;
    if (this.#saying.position >= samples.length) this.#finishSaying();
    return frame;
  }

  #finishSaying(): void {
    const line = this.#lines.at(-1)!;
    this.#saying = undefined;
    // The frame that is being spoken lasts until the next beat.
    line.finishedMs = this.#clockMs + phoneFrameMs;
    this.#stepSinceMs = line.finishedMs;
    this.#agentFinished = false;
    this.#note({ type: 'finished-saying', atMs: line.finishedMs, text: line.text });
    // What the agent says from now on is its answer, even if it was cut off a moment ago.
    if (this.#ear.isSpeaking && this.#ear.silentForMs >= cutOffMs) {
      this.#onAgentStopped(false);
      this.#ear.forget();
    }
  }

  #onAgentStarted(): void {
    const startedMs = this.#ear.startedMs!;
    this.#note({ type: 'agent-started', atMs: startedMs });
    const line = this.#lines.at(-1);
    if (line && !this.#saying) line.answeredAfterMs ??= startedMs - line.finishedMs;
  }

  #onAgentStopped(wasSpeech: boolean): void {
    const stoppedMs = this.#ear.lastSpeechMs;
    this.#note({ type: 'agent-finished', atMs: stoppedMs });
    const line = this.#lines.at(-1);
    if (line && this.#interrupting) {
      this.#interrupting = false;
      line.agentStoppedAfterMs = Math.max(0, stoppedMs - line.startedMs);
      // The rest of what was cut off is no answer, unless the agent went on regardless.
      if (stoppedMs < line.finishedMs + regardlessMs) return;
    }
    if (wasSpeech && !this.#saying) this.#agentFinished = true;
  }

  #note(event: PersonEvent): void {
    this.#timeline.push(event);
    this.#onEvent?.(event);
  }
}
