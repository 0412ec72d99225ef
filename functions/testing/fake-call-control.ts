// A carrier for tests: remembers what it was asked for and fails when it is told to.
import type { Carrier } from '../../shared/call/call.ts';
import type {
  AnswerRequest,
  CallControl,
  CarrierCall,
  DialRequest,
  NamedCall,
} from '../../shared/telephony/call-control.ts';

type Action = Exclude<keyof CallControl, 'carrier'>;

export class FakeCallControl implements CallControl {
  readonly carrier: Carrier;
  readonly answers: AnswerRequest[] = [];
  readonly dialled: DialRequest[] = [];
  readonly rejected: string[] = [];
  readonly announced: [carrierCallId: string, url: string][] = [];
  readonly hungUp: string[] = [];
  readonly restarted: string[] = [];
  /** How calls stand; connected and with their media where nothing is said. */
  readonly standing = new Map<string, CarrierCall>();
  readonly people = new Map<string, number>();
  readonly looks: string[] = [];
  readonly joined: [carrierCallId: string, legCarrierCallId: string][] = [];
  readonly left: string[] = [];
  readonly transfers: [carrierCallId: string, target: string, from: string][] = [];
  readonly #dialStarted = Promise.withResolvers<void>();
  readonly #failures = new Map<Action, Error[]>();
  #held: Promise<void> | undefined;

  constructor(carrier: Carrier = 'acs') {
    this.carrier = carrier;
  }

  /** The next request for this fails so; several are used up one by one. */
  fail(action: Action, ...errors: Error[]): void {
    this.#failures.set(action, [...(this.#failures.get(action) ?? []), ...errors]);
  }

  /** Resolves when it is asked to dial for the first time. */
  get firstDial(): Promise<void> {
    return this.#dialStarted.promise;
  }

  /** Answers and diallings wait until this settles. */
  hold(until: Promise<void>): void {
    this.#held = until;
  }

  async answer(request: AnswerRequest): Promise<string> {
    this.answers.push(request);
    await this.#held;
    this.#throwFor('answer');
    return `connection-${this.answers.length}`;
  }

  async dial(request: DialRequest): Promise<string> {
    this.dialled.push(request);
    this.#dialStarted.resolve();
    await this.#held;
    this.#throwFor('dial');
    return `connection-${this.dialled.length}`;
  }

  async reject(incomingContext: string): Promise<void> {
    this.rejected.push(incomingContext);
    this.#throwFor('reject');
  }

  async announce(...announced: [carrierCallId: string, url: string]): Promise<void> {
    this.announced.push(announced);
    this.#throwFor('announce');
  }

  async hangUp(carrierCallId: string): Promise<void> {
    this.hungUp.push(carrierCallId);
    this.#throwFor('hangUp');
  }

  async transfer({ carrierCallId }: NamedCall, target: string, from: string): Promise<void> {
    this.transfers.push([carrierCallId, target, from]);
    this.#throwFor('transfer');
  }

  async join(...[call, leg]: Parameters<CallControl['join']>): Promise<void> {
    this.joined.push([call.carrierCallId, leg.carrierCallId]);
    this.#throwFor('join');
  }

  async leave(carrierCallId: string): Promise<void> {
    this.left.push(carrierCallId);
    this.#throwFor('leave');
  }

  async sendDigits(): Promise<void> {
    this.#throwFor('sendDigits');
  }

  async look(carrierCallId: string): Promise<CarrierCall> {
    this.looks.push(carrierCallId);
    this.#throwFor('look');
    return this.standing.get(carrierCallId) ?? { phase: 'connected', hasMedia: true };
  }

  async countPeople(carrierCallId: string): Promise<number | undefined> {
    this.#throwFor('countPeople');
    return this.people.get(carrierCallId);
  }

  async restartMedia({ carrierCallId }: NamedCall): Promise<void> {
    this.restarted.push(carrierCallId);
    this.#throwFor('restartMedia');
  }

  async replaceMedia(call: NamedCall): Promise<void> {
    await this.restartMedia(call);
  }

  #throwFor(action: Action): void {
    const error = this.#failures.get(action)?.shift();
    if (error) throw error;
  }
}
