// Opens a call on this replica: gathers what is known of it and puts its session together.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import { fillAgent, formatInstructions } from '../../shared/agents/instructions.ts';
import type { TurnDecider } from '../../shared/agents/turn-rules.ts';
import type { CallId, Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { MediaTicket, MediaTokens } from '../../shared/media-token.ts';
import type { RecordingFiles } from '../../shared/recordings/recording-files.ts';
import { seizeHold } from '../../shared/stores/call-hold.ts';
import type { CallLeases, Lease } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import type { DialCounts } from '../../shared/stores/dial-counts.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import type { CarrierRecordingsMap } from '../../shared/telephony/carrier-recordings.ts';
import { keepDialPlace } from '../../shared/telephony/dial-places.ts';
import { formatToolSchema, type ToolRegistry } from '../../shared/tools/registry.ts';
import { within } from '../../shared/within.ts';
import type { MediaTransport } from '../transports/media-transport.ts';
import type { OpenVoiceModel } from '../voice-models/voice-model.ts';
import type { AgentVersions } from './agent-versions.ts';
import { AnswerScreening } from './answering/answer-screening.ts';
import { CallHold } from './call-hold.ts';
import { CallJournal } from './call-journal.ts';
import { CallSession } from './call-session.ts';
import type { WatchCall } from './call-watcher.ts';
import { type DirectVoice, openBeside } from './direct-voice.ts';
import { ModelFailover, orderModels } from './model-failover.ts';
import { pickUpWords } from './openings.ts';
import type { CallPast } from './past-calls.ts';
import { CallRecorder } from './recording/call-recorder.ts';
import { addConsentWords, leaveUnrecorded } from './recording/consent-words.ts';
import { createRecordingTools } from './recording/recording-tools.ts';
import { TappedTransport } from './recording/tapped-transport.ts';
import { ToolRunner } from './tool-runner.ts';
import { createBriefingAgent } from './transfer/briefing-agent.ts';
import { createTransferPermits, type TransferMeans } from './transfer/transfer-permits.ts';
import { type TransferLine, Transfers } from './transfer/transfers.ts';
import type { Announcer } from './waiting-sounds.ts';
import { workOf } from './work-owner.ts';

/** The carrier tells functions of the end at once, and they look in the store for who wanted it and why: it must be there. */
const beforeHangUpMs = 500;
/** A carrier's API takes some tens of milliseconds. */
const answersWithinMs = 1_000;

export interface CallOpenerOptions {
  readonly replica: string;
  readonly agents: AgentVersions;
  readonly systemPrompt?: string;
  readonly tools: ToolRegistry;
  readonly ledger: CallLedger;
  readonly stream: CallStream;
  readonly leases: Pick<CallLeases, 'seize' | 'acquire' | 'renew' | 'release'>;
  readonly recordings: CarrierRecordingsMap;
  readonly files: RecordingFiles;
  readonly dialCounts: Pick<DialCounts, 'hold'>;
  readonly tokens: Pick<MediaTokens, 'sign'>;
  readonly controls: ReadonlyMap<Carrier, CallControl>;
  readonly announcements: { createAnnouncer(language: string): Announcer };
  readonly watch: WatchCall;
  readonly log: Logger;
  /** Absent where this bridge cannot dial: then it hands callers over to nobody. */
  readonly transfers: TransferMeans | undefined;
  /** Comes before what an agent prefers. */
  readonly preferredModel?: VoiceModelKind;
  /** The same. */
  readonly turnDecider?: TurnDecider | undefined;
  /** The models that are configured here. */
  readonly models: ReadonlyMap<VoiceModelKind, OpenVoiceModel>;
  /** Joins sessions that pages have with the service. Absent where there is none that they could have. */
  readonly joinDirect?: ((direct: DirectVoice) => OpenVoiceModel) | undefined;
}

export interface NewCall {
  readonly ticket: MediaTicket;
  readonly past: CallPast;
  readonly agent: AgentProfile;
  readonly transport: MediaTransport;
  /** When its socket asked to be let in, by `performance.now()`: the caller has heard nothing since. */
  readonly askedAt: number;
  /** As the carrier's media socket names it. */
  readonly carrierCallId?: string | undefined;
  /** The hold of the call, where the store could tell. */
  readonly lease: Lease | undefined;
  /** Of a page that talks with the voice service itself: how, as it is at the moment. */
  readonly findDirect?: () => DirectVoice | undefined;
}

export class CallOpener {
  readonly #options: CallOpenerOptions;

  constructor(options: CallOpenerOptions) {
    this.#options = options;
  }

  /** Whoever has the carrier's socket has the call. Undefined where the store cannot tell now. Never rejects. */
  async seize(callId: CallId): Promise<Lease | undefined> {
    const { leases, replica, log } = this.#options;
    return seizeHold(leases, callId, replica).catch((error: unknown) => {
      log.warn({ callId, error }, 'a call could not be marked as served: it is tried again');
      return undefined;
    });
  }

  /** The call's own version of its agent, with its tools found out. Never rejects. */
  async chooseAgent(ticket: MediaTicket, { call }: CallPast): Promise<AgentProfile> {
    const agent = await this.#options.agents.choose(ticket.agent, call?.pinnedAgent);
    await this.#options.tools.prepare(agent);
    return agent;
  }

  createSession({
    ticket,
    past,
    agent: pinned,
    transport,
    askedAt,
    carrierCallId,
    lease,
    findDirect,
  }: NewCall): CallSession {
    const { stream, ledger, replica, announcements, controls, preferredModel, systemPrompt } = this.#options;
    const models = findModels(this.#options, findDirect);
    const isDirect = () => findDirect?.()?.isOpen === true;
    const wanted = isDirect() ? 'gpt-realtime' : ticket.model;
    const { callId } = ticket;
    const watcher = this.#options.watch({ ...ticket, replica });
    const log = this.#options.log.child({ callId, ...watcher.traceIds });
    const call = foldTicket(ticket, past.call);
    const itsAgent = fillAgent(pinned, call, new Date());
    const served = call.consults ? createBriefingAgent(itsAgent, call.consults) : itsAgent;
    // A carrier records; a page has none.
    const agent = this.#decideTurns(isDirect(), ticket.carrier === 'web' ? leaveUnrecorded(served) : served);
    const hold = new CallHold({ leases: this.#options.leases, callId, replica, lease, log });
    const journal = new CallJournal({
      call,
      knownIds: past.knownIds,
      ledger,
      stream,
      hold,
      log,
      onEvent: (event, isOurs) => {
        watcher.observe(event, isOurs);
        recorder.observe(event);
      },
    });
    const recorder = new CallRecorder({
      agent,
      journal,
      carrier: this.#options.recordings.get(ticket.carrier),
      format: transport.format,
      findCarrierCallId: () => findCarrierCallId(),
      leases: this.#options.leases,
      files: this.#options.files,
      log,
    });
    if (!past.call) introduce(journal, ticket);
    // Functions may not have heard yet how the carrier names the call, nor ever hear it.
    if (carrierCallId && !call.carrierCallId)
      journal.record({ type: 'carrier-accepted', carrierCallId }, 'carrier-accepted');
    if (!call.pinnedAgent) {
      this.#options.agents.keep(itsAgent);
      journal.record({ type: 'agent-pinned', agent: itsAgent.name, hash: itsAgent.hash }, 'agent-pinned');
    }
    // They know what is in the agent's file, and nothing of the call.
    const ofAgent = this.#options.tools.pick(call.consults ? agent : pinned);
    const tools = [...ofAgent, ...createRecordingTools(agent, recorder)];
    const findCarrierCallId = () => carrierCallId ?? journal.state.carrierCallId;
    const control = controls.get(ticket.carrier);
    let transfers: Transfers | undefined;
    const openTransfers = (line: TransferLine) => {
      const { dialler, guard } = this.#options.transfers!;
      const permits = createTransferPermits(guard, ticket.carrier);
      transfers = new Transfers(
        { agent, journal, ledger, stream, dialler, control: control!, findCarrierCallId, log, ...permits },
        line,
      );
      return transfers;
    };
    const hasPhones = control !== undefined && ticket.carrier !== 'web';
    const hasTransfers = hasPhones && this.#options.transfers && Object.keys(agent.transfer_targets).length > 0;
    const session = new CallSession({
      agent: addConsentWords(past.recollection?.pickUp ? { ...agent, firstWords: pickUpWords } : agent, call),
      replica,
      transport,
      askedAt,
      tap: agent.recording.enabled ? (inner) => new TappedTransport(inner, recorder) : undefined,
      journal,
      hold,
      isDirect,
      tools: new ToolRunner({
        agent,
        tools,
        phone: {
          ...(hasTransfers && { transfer: async (target, brief) => transfers?.ask(target, brief) }),
          sendDigits: async (digits, pauseMs) => {
            const id = findCarrierCallId();
            if (!id || !control) throw new AppError('CARRIER_REFUSED', 'the carrier cannot be reached from here');
            await control.sendDigits({ callId, carrierCallId: id }, digits, pauseMs);
          },
        },
        log,
      }),
      log,
      announcer: announcements.createAnnouncer(agent.language),
      createTransfers: hasTransfers ? openTransfers : undefined,
      createScreening: isScreened(call)
        ? (line) => new AnswerScreening({ agent, format: transport.format, answeredBy: call.answeredBy, line })
        : undefined,
      failover: new ModelFailover({
        kinds: orderModels({ call: wanted, house: preferredModel, agent: agent.models }, [...models.keys()]),
        open: (kind, signal) =>
          models.get(kind)!({
            callId,
            agent,
            instructions: formatInstructions(agent, journal.state, {
              systemPrompt,
              recollection: past.recollection?.text,
              now: new Date(),
            }),
            tools: tools.map(formatToolSchema),
            history: journal.state.turns,
            carrierFormat: transport.format,
            signal,
          }),
        onFailure: (model, error) => {
          log.warn({ model, error }, 'a voice model could not be opened');
          journal.record({ type: 'model-lost', model, code: error.code });
        },
      }),
      replaceMedia: async () => {
        const id = findCarrierCallId();
        if (!id || !control || (await findOwner(control, id, hold)) !== 'us') return false;
        const token = await this.#options.tokens.sign(renewTicket(ticket));
        await control.replaceMedia({ callId, carrierCallId: id }, token);
        return true;
      },
      restartMedia: async () => {
        const id = findCarrierCallId();
        if (!id || !control || (await findOwner(control, id, hold)) !== 'us') return false;
        await control.restartMedia({ callId, carrierCallId: id });
        return true;
      },
      hangUp: async (hadLine) => {
        const id = findCarrierCallId();
        if (!id || !control)
          throw new AppError('CARRIER_REFUSED', 'the carrier of this call cannot be reached from here');
        // The line is another replica's to close; who had lost it does not know whose it is.
        const isTheirs = hadLine ? !(await hold.mayBeOurs()) : (await findOwner(control, id, hold)) === 'another';
        if (isTheirs) return;
        await journal.catchUp(beforeHangUpMs);
        await control.hangUp(id);
      },
    });
    this.#keepInformed(session, callId, past, log);
    void session.ended.then(() => hold.close());
    void session.ended.then(watcher.close);
    void session.ended.then(() => recorder.close());
    if (ticket.direction === 'outbound') keepDialPlace(this.#options.dialCounts, callId, { until: session.ended, log });
    return session;
  }

  /** Who is not heard here is interrupted by whoever hears them. */
  #decideTurns(isDirect: boolean, agent: AgentProfile): AgentProfile {
    const turnDecider = isDirect ? 'model' : this.#options.turnDecider;
    return turnDecider ? { ...agent, turn_taking: { ...agent.turn_taking, decided_by: turnDecider } } : agent;
  }

  /** First it listens and then it reads what came since the past was looked up, so that nothing falls in between. */
  #keepInformed(session: CallSession, callId: CallId, { cursor }: CallPast, log: Logger): void {
    const { stream } = this.#options;
    const tell = workOf(session, (event: CallEvent) => session.observe(event));
    const unsubscribe = stream.subscribe(callId, tell);
    void session.ended.then(unsubscribe);
    stream.readOn(callId, cursor).then(
      ({ events }) => events.forEach(tell),
      // Once the stream is back it tells its listeners all of it.
      (error: unknown) => log.debug({ error }, 'what happened while the call was opened cannot be read yet'),
    );
  }
}

/** What a page talks with comes first, for as long as it does. */
function findModels({ models, joinDirect }: CallOpenerOptions, findDirect: NewCall['findDirect']) {
  const usual = models.get('gpt-realtime');
  if (!findDirect || !joinDirect || !usual) return models;
  return new Map([...models, ['gpt-realtime', openBeside(findDirect, joinDirect, usual)] as const]);
}

/** Nobody is screened who has been talked to: a call that goes on here is one with a person, unless it is known not to be. */
function isScreened({ direction, answeredBy, turns }: CallState): boolean {
  return direction === 'outbound' && (answeredBy === 'machine' || (answeredBy !== 'person' && turns.length === 0));
}

/** The ticket stands in for what functions wrote when that cannot be read. */
function foldTicket({ callId, carrier, direction, agent, model }: MediaTicket, past: CallState | undefined): CallState {
  const state = past ?? newCallState(callId);
  return { ...state, carrier, direction, agent, model: state.model ?? model };
}

/**
 * Nobody has written this call down, or it cannot be read now: functions answered while the store was away, and may be gone
 * before it is back. What they write of it wins over this, whichever comes first.
 */
function introduce(journal: CallJournal, ticket: MediaTicket): void {
  const { carrier, direction, agent, model } = ticket;
  const created = {
    type: 'call-created',
    carrier,
    direction,
    remoteParty: 'unknown',
    ourNumber: 'unknown',
    agent,
    model,
  } as const;
  journal.record(created, 'call-introduced');
}

/** The same, without when it was issued. */
function renewTicket({ callId, carrier, direction, agent, model, traceparent }: MediaTicket): MediaTicket {
  return { callId, carrier, direction, agent, model, traceparent };
}

/**
 * Who is cut off would act too late, when another replica has the call. Where the store does not tell whose it is, a carrier that
 * answers shows that we are not, and have not been: after that only the store knows. Rejects where neither tells.
 */
async function findOwner(
  control: CallControl,
  carrierCallId: string,
  hold: CallHold,
): Promise<'us' | 'another' | 'nobody'> {
  if (await hold.isConfirmed()) return 'us';
  if (!(await hold.mayBeOurs())) return 'another';
  const giveUp = () => {
    throw new AppError('CARRIER_UNREACHABLE', 'neither the store nor the carrier tells whose the call is');
  };
  if (hold.isInDoubt) return giveUp();
  try {
    const { phase } = await within(answersWithinMs, control.look(carrierCallId), giveUp);
    return phase === 'over' ? 'nobody' : 'us';
  } catch (error) {
    if (error instanceof AppError && error.code === 'CARRIER_UNREACHABLE') hold.doubt();
    throw error;
  }
}
