// One caller who asks for a person, over either carrier, to one of several endings: what the caller and the person hear, decided by a seed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { createAnsweringMachine } from '../caller/answering-machine.ts';
import type { Phone, Pickup } from '../caller/phone.ts';
import { createPuppetPhone, type PuppetPhone } from '../caller/puppet-phone.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { SeededRandom } from '../virtual-time/seeded-random.ts';
import { fitTone } from '../voice/tone.ts';
import { createMachinesStarter } from '../world/product-machines.ts';
import type { Machines } from './machines.ts';
import { startScenarioWorldWith } from './scenario-world.ts';
import { drainBridge, isBridgeOut, killBridge, listOpenLegs } from './transfer-legs.ts';
import {
  drainMoments,
  mayEndWithPerson,
  type TransferEnding,
  type TransferPlan,
  type TransferReport,
} from './transfer-plan.ts';

const personNumber = '+15550177';
const agent = `---
name: receptionist
greeting: Hello.
models: [gpt-realtime]
tools: [transfer_to_human, hang_up]
transfer_targets:
  sales: { numbers: ["${personNumber}"], ring_seconds: 12 }
---
Be kind.
`;
const wish = 'Can I speak to a person?';
const machineGreeting =
  'You have reached the voice mail of Alex. I am sorry that I cannot take your call right now. Please leave a message after the tone.';
const notesHz = { caller: 400, person: 700 } as const;
const snrDb = 20;
/** A bridge that dies twice over costs a minute; nobody is left alone for longer. */
const patienceMs = 120_000;
/** After one of two who talk has hung up. */
const lastMs = 15_000;

/** Two bridges, a real pace. Whoever opens it stops it. */
export async function startTransferWorld(): Promise<Machines> {
  const AGENTS_FOLDER = await mkdtemp(join(tmpdir(), 'parley-transfer-'));
  await writeFile(join(AGENTS_FOLDER, 'receptionist.md'), agent);
  const starter = createMachinesStarter(virtualTime, { bridges: 2 });
  const world = await startScenarioWorldWith({ timeScale: 1, settings: { AGENTS_FOLDER } }, starter);
  return {
    ...world,
    async stop() {
      await world.stop();
      await rm(AGENTS_FOLDER, { recursive: true, force: true });
    },
  };
}

let rung = 0;

/** Never rejects for what the product does: that is the report's `problem`. One at a time in a world. */
export async function runTransfer(world: Machines, plan: TransferPlan): Promise<TransferReport> {
  const run = new TransferRun(world, plan);
  try {
    return await run.play();
  } finally {
    run.close();
  }
}

class TransferRun {
  readonly #world: Machines;
  readonly #plan: TransferPlan;
  readonly #random: SeededRandom;
  readonly #caller = createPuppetPhone();
  readonly #person = createPuppetPhone();
  readonly #number = `+1555${String(1_000_000 + rung++).slice(1)}9`;
  readonly #events: CallEvent[] = [];
  readonly #unsubscribe: () => void;
  #news = Promise.withResolvers<void>();
  #callId: CallId | undefined;
  #repair = () => {};

  constructor(world: Machines, plan: TransferPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#random = new SeededRandom(plan.seed);
    this.#unsubscribe = world.product.stores.stream.subscribe('all', (event) => {
      this.#events.push(event);
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
  }

  close(): void {
    const { acs, twilio } = this.#world.standIns;
    for (const told of [acs.faults.callbacks, twilio.faults.webhooks])
      Object.assign(told, { duplicate: false, reorder: false });
    this.#repair();
    twilio.faults.amd.answeredBy = 'human';
    this.#unsubscribe();
    this.#caller.hangUp();
    this.#person.hangUp();
  }

  async play(): Promise<TransferReport> {
    const { ending, isUnruly } = this.#plan;
    this.#phones.set(personNumber, await this.#createPickup());
    this.#ring();
    const created = await this.#until('call-created', ({ remoteParty }) => remoteParty === this.#number);
    if (!created) return this.#fail('the call was not taken');
    this.#callId = created.callId;
    if (!(await this.#until('turn-finished', this.#isOurs))) return this.#fail('nobody greeted the caller');
    await this.#ask(created.callId);
    const startedMs = performance.now();
    const started = await this.#until('consultation-started', this.#isOurs);
    if (!started) return this.#fail('nobody was called');
    if (isUnruly) this.#spoil();
    const acting = this.#act(ending, started.leg).catch(() => {});
    const endsWith = await this.#settle(startedMs);
    await acting;
    const tookMs = Math.round(performance.now() - startedMs);
    const problem = (await this.#finish(endsWith)) ?? (await this.#findOpenLegs());
    return { ...this.#plan, endsWith, tookMs, said: this.#said, ...(problem !== undefined && { problem }) };
  }

  async #ask(callId: CallId): Promise<void> {
    if (this.#plan.askedBy !== 'operator') return this.#caller.say(await this.#speak(wish));
    const order = { target: 'sales', handover: 'warm', brief: 'They want a chair.' };
    const { status } = await this.#world.ask(`/api/calls/${callId}/transfer`, order);
    if (status !== 202) throw new Error(`the order of a transfer was answered with ${status}`);
  }

  /** From here on, until the run is over. */
  #spoil(): void {
    const { acs, twilio } = this.#world.standIns;
    const random = this.#random;
    for (const told of [acs.faults.callbacks, twilio.faults.webhooks]) {
      told.duplicate = random.chance(0.5);
      told.reorder = random.chance(0.5);
    }
    const [faults, operations] =
      this.#plan.carrier === 'acs'
        ? [acs.faults.rest, ['moveParticipants', 'terminate', 'listParticipants', 'stopMediaStreaming']]
        : [twilio.faults.rest, ['redirect', 'hangUp']];
    const instead = random.chance(0.5) ? ({ status: 500 } as const) : 'cut';
    this.#repair = faults.add({ operation: random.pick(operations), instead, carriedOut: random.chance(0.5) });
  }

  get #phones(): Map<string, Pickup> {
    const { acs, twilio } = this.#world.standIns;
    return (this.#plan.carrier === 'acs' ? acs : twilio).phones;
  }

  #ring(): void {
    const { acs, twilio } = this.#world.standIns;
    const { carrier } = this.#plan;
    if (carrier === 'acs') acs.ring({ from: this.#number, phone: this.#caller });
    else twilio.ring({ from: this.#number, to: this.#world.settings.TWILIO_PHONE_NUMBER!, phone: this.#caller });
  }

  async #createPickup(): Promise<Pickup> {
    const afterMs = this.#random.integer(500, 4_000);
    const answers = (phone: Phone): Pickup => ({ kind: 'answers', afterMs, phone });
    switch (this.#plan.ending) {
      case 'busy':
        return this.#random.chance(0.5) ? { kind: 'busy' } : { kind: 'declines' };
      case 'no answer':
        return { kind: 'no-answer' };
      case 'voicemail':
        // Found out by the carrier, or by our own ears.
        Object.assign(this.#world.standIns.twilio.faults.amd, {
          answeredBy: this.#random.chance(0.5) ? 'machine_end_beep' : 'unknown',
        });
        return answers(createAnsweringMachine({ greeting: await this.#speak(machineGreeting) }));
      default:
        return answers(this.#person);
    }
  }

  /** What the person, the caller or the machine does, some time after the person was called. */
  async #act(ending: TransferEnding, leg: CallId): Promise<void> {
    switch (ending) {
      case 'accepted by key':
        await this.#hearBrief(leg);
        this.#person.press('1');
        return;
      case 'accepted by word':
        await this.#hearBrief(leg, 1);
        await this.#person.say(await this.#speak('Yes, put them through.'));
        return;
      case 'declined':
        if (this.#random.chance(0.5)) {
          await this.#hearBrief(leg);
          this.#person.press('2');
        } else {
          await this.#hearBrief(leg, 1);
          await this.#person.say(await this.#speak('No, not now.'));
        }
        return;
      case 'person hangs up':
        await this.#person.through;
        await sleep(this.#random.integer(0, 9_000));
        this.#person.hangUp();
        return;
      case 'bridge dies': {
        if (this.#random.chance(0.5)) void this.#hearBrief(leg).then(() => this.#person.press('1'));
        await sleep(this.#random.integer(0, 16_000));
        await killBridge(this.#world, this.#random);
        return;
      }
      case 'bridge drains':
      case 'draining bridge dies':
        await this.#drain(leg, ending === 'draining bridge dies');
        return;
      case 'caller hangs up':
        if (this.#random.chance(0.5)) void this.#hearBrief(leg).then(() => this.#person.press('1'));
        await sleep(this.#random.integer(0, 16_000));
        this.#caller.hangUp();
        return;
      default:
    }
  }

  /** To its end, or a part of it. */
  async #hearBrief(leg: CallId, share = this.#random.fraction()): Promise<void> {
    await this.#person.through;
    if (share < 0.5) await sleep(share * 16_000);
    else await this.#until('turn-finished', ({ callId }) => callId === leg);
    await sleep(this.#random.integer(200, 2_000));
  }

  /** The person takes the caller soon, or only when the drain may wait no longer. */
  async #drain(leg: CallId, dies: boolean): Promise<void> {
    const moment = this.#plan.moment ?? this.#random.pick(drainMoments);
    const drain = () => drainBridge(this.#world, this.#random, dies);
    const accept = async (afterMs: number) => {
      await sleep(afterMs);
      this.#person.press('1');
    };
    if (moment === 'joining') {
      await this.#hearBrief(leg);
      this.#person.press('1');
      await sleep(this.#random.integer(0, 600));
      await drain();
      return;
    }
    if (moment === 'briefing') {
      await this.#person.through;
      await sleep(this.#random.integer(0, 9_000));
    }
    void this.#person.through.then(() => accept(this.#random.chance(0.5) ? 9_000 : 50_000));
    await drain();
  }

  async #settle(startedMs: number): Promise<TransferReport['endsWith']> {
    const mark = this.#events.length;
    while (performance.now() - startedMs < patienceMs) {
      if (this.#caller.isClosed) return 'nobody';
      if (this.#events.slice(mark).some((event) => this.#isTold(event))) return 'agent';
      if (this.#events.slice(mark).some((event) => event.type === 'transfer-answered' && this.#isOurs(event))) {
        this.#caller.sing(notesHz.caller);
        this.#person.sing(notesHz.person);
        if (hears(this.#caller, notesHz.person) && hears(this.#person, notesHz.caller)) return 'person';
      }
      await sleep(100);
    }
    return 'nobody';
  }

  /** Ends what is left as people would. Resolves to what is wrong. */
  async #finish(endsWith: TransferReport['endsWith']): Promise<string | undefined> {
    const { ending } = this.#plan;
    if (endsWith === 'nobody') {
      if (ending !== 'caller hangs up') return `the caller is stranded: ${this.#describe()}`;
      return (await this.#closes(this.#caller)) ? undefined : 'the line of a caller who hung up stays open';
    }
    if (endsWith === 'person') {
      if (!mayEndWithPerson.has(ending)) return 'the caller was put through to somebody who had not accepted';
      const media = await this.#findMedia();
      if (media !== undefined) return media;
      (this.#random.chance(0.5) ? this.#caller : this.#person).hangUp();
      const isOver = (await this.#closes(this.#caller)) && (await this.#closes(this.#person));
      return isOver ? this.#checkEnd('transferred') : 'one of the two hung up, and the other one is kept waiting';
    }
    if (ending === 'caller hangs up') return undefined;
    await this.#caller.say(await this.#speak('Goodbye.'));
    return (await this.#closes(this.#caller)) ? this.#checkEnd('agent-hung-up') : 'the agent does not hear the caller';
  }

  async #checkEnd(wanted: string): Promise<string | undefined> {
    const ended = await this.#until('call-ended', this.#isOurs, lastMs);
    return ended?.reason === wanted ? undefined : `the call ended as ${ended?.reason}: ${this.#describe()}`;
  }

  async #findMedia(): Promise<string | undefined> {
    const isOut = () => isBridgeOut(this.#world.standIns, this.#plan.carrier, this.#number);
    return (await becomes(isOut, lastMs)) ? undefined : 'the bridge is still in the way of the sound';
  }

  async #findOpenLegs(): Promise<string | undefined> {
    const find = () => listOpenLegs(this.#world.standIns);
    if (await becomes(() => find().length === 0, patienceMs)) return undefined;
    return `legs stay open: ${find().join(', ')}: ${this.#describe()}`;
  }

  async #closes(phone: PuppetPhone): Promise<boolean> {
    await Promise.race([phone.closed, sleep(lastMs)]);
    return phone.isClosed;
  }

  readonly #isOurs = ({ callId }: CallEvent): boolean => callId === this.#callId;

  #isTold(event: CallEvent): boolean {
    return (
      this.#isOurs(event) &&
      event.type === 'turn-finished' &&
      event.role === 'agent' &&
      event.text.includes('could not connect')
    );
  }

  get #said(): string {
    const told = this.#events.find((event) => this.#isTold(event));
    return told?.type === 'turn-finished' ? told.text : '';
  }

  async #until<Type extends CallFact['type']>(
    type: Type,
    fits: (event: Extract<CallEvent, { type: Type }>) => boolean,
    withinMs = patienceMs,
  ): Promise<Extract<CallEvent, { type: Type }> | undefined> {
    const untilMs = performance.now() + withinMs;
    for (;;) {
      const found = this.#events.find(
        (event): event is Extract<CallEvent, { type: Type }> =>
          event.type === type && fits(event as Extract<CallEvent, { type: Type }>),
      );
      const leftMs = untilMs - performance.now();
      if (found || leftMs <= 0) return found;
      await Promise.race([this.#news.promise, sleep(leftMs)]);
    }
  }

  #speak(text: string): Promise<Int16Array> {
    return this.#world.standIns.voice.speak(text);
  }

  #fail(problem: string): TransferReport {
    return {
      ...this.#plan,
      endsWith: 'nobody',
      tookMs: 0,
      said: '',
      problem: `${problem}: ${this.#describe()}`,
    };
  }

  /** For whoever looks into it. */
  #describe(): string {
    const from = this.#events[0]?.at ?? 0;
    return this.#events
      .filter(({ type }) => type !== 'reply-timed')
      .map(({ type, at, callId, ...rest }) => {
        const { reason, outcome, text, code } = rest as Record<string, unknown>;
        const who = callId === this.#callId ? '' : 'leg ';
        return `${((at - from) / 1000).toFixed(1)} ${who}${type}${[reason, outcome, code, text].flatMap((value) => (value === undefined ? [] : ` ${String(value)}`)).join('')}`;
      })
      .join('; ');
  }
}

function hears({ heard }: PuppetPhone, hz: number): boolean {
  return heard.length > 6400 && fitTone(heard.subarray(heard.length - 640), 16000, hz).snrDb > snrDb;
}

async function becomes(isSo: () => boolean, withinMs: number): Promise<boolean> {
  for (let waited = 0; waited < withinMs; waited += 100) {
    if (isSo()) return true;
    await sleep(100);
  }
  return isSo();
}
