// The recordings of the Twilio stand-in: begun, paused and ended by REST, told of when they are there, given out and removed.
import { StereoTape } from '../line/stereo-tape.ts';
import type { TwilioCall } from './twilio-call.ts';
import { RestError } from './twilio-call-form.ts';
import { createSid, type TwilioContext } from './twilio-context.ts';
import { postWebhook } from './twilio-webhook.ts';

/** The live service takes some seconds to have the file. */
const readyMs = 2_000;

export interface TwilioRecording {
  readonly sid: string;
  readonly call: TwilioCall;
  readonly tape: StereoTape;
  readonly channels: 1 | 2;
  readonly callbackUrl: string | undefined;
  status: 'in-progress' | 'paused' | 'processing' | 'completed';
  isRemoved: boolean;
}

interface RecordingReply {
  readonly status: number;
  readonly body?: object;
}

export interface RecordingOperation {
  readonly operation: string;
  carryOut(): RecordingReply;
}

export class TwilioRecordings {
  readonly all: TwilioRecording[] = [];
  readonly #context: TwilioContext;

  constructor(context: TwilioContext) {
    this.#context = context;
  }

  /** Undefined: the path is none of a recording. */
  find(method: string, url: URL, form: URLSearchParams, calls: readonly TwilioCall[]): RecordingOperation | undefined {
    const ofCall = /\/Calls\/(CA[0-9a-f]{32})\/Recordings(?:\/(RE[0-9a-f]{32}))?\.json$/.exec(url.pathname);
    if (ofCall && method === 'POST') {
      const [, callSid, sid] = ofCall;
      if (sid === undefined) {
        const call = calls.find((one) => one.sid === callSid);
        return { operation: 'startRecording', carryOut: () => this.#start(call, form) };
      }
      return { operation: 'updateRecording', carryOut: () => this.#update(this.#get(sid), form) };
    }
    if (method === 'GET' && url.pathname.endsWith('/Recordings.json')) {
      const callSid = url.searchParams.get('CallSid');
      const carryOut = () => {
        const found = this.all.filter(({ call, isRemoved }) => !isRemoved && call.sid === callSid);
        return { status: 200, body: { recordings: found.map((one) => this.#describe(one)), next_page_uri: null } };
      };
      return { operation: 'listRecordings', carryOut };
    }
    const one = /\/Recordings\/(RE[0-9a-f]{32})\.(json|wav)$/.exec(url.pathname);
    if (!one) return undefined;
    if (method === 'DELETE' && one[2] === 'json')
      return {
        operation: 'deleteRecording',
        carryOut: () => {
          this.#get(one[1]!).isRemoved = true;
          return { status: 204 };
        },
      };
    if (method !== 'GET') return undefined;
    return one[2] === 'wav'
      ? { operation: 'fetchAudio', carryOut: () => this.#play(this.#get(one[1]!), url) }
      : { operation: 'fetchRecording', carryOut: () => ({ status: 200, body: this.#describe(this.#get(one[1]!)) }) };
  }

  /** Those of calls that are over, and their files. */
  forget(): void {
    this.all.splice(0, this.all.length, ...this.all.filter(({ call }) => call.isLive));
  }

  #start(call: TwilioCall | undefined, form: URLSearchParams): RecordingReply {
    if (!call) throw new RestError(404, 20404, 'The requested resource was not found');
    if (call.status !== 'in-progress')
      throw new RestError(400, 21220, 'Requested resource is not eligible for recording');
    const channels = form.get('RecordingChannels') ?? 'mono';
    if (channels !== 'mono' && channels !== 'dual') throw new RestError(400, 20001, 'RecordingChannels is not valid');
    const recording: TwilioRecording = {
      sid: createSid('RE'),
      call,
      tape: new StereoTape(0),
      channels: channels === 'dual' ? 2 : 1,
      callbackUrl: form.get('RecordingStatusCallback') ?? undefined,
      status: 'in-progress',
      isRemoved: false,
    };
    call.tapeTo(recording.tape);
    this.all.push(recording);
    void call.ended.then(() => this.#end(recording));
    return { status: 201, body: this.#describe(recording) };
  }

  #update(recording: TwilioRecording, form: URLSearchParams): RecordingReply {
    const status = form.get('Status');
    const isOver = recording.status === 'processing' || recording.status === 'completed';
    if (isOver) throw new RestError(400, 21220, 'The recording has ended');
    if (status === 'paused' || status === 'in-progress') {
      if (status === 'paused' && form.get('PauseBehavior') !== 'skip')
        throw new RestError(400, 20001, 'The stand-in knows PauseBehavior=skip only');
      recording.status = status;
      recording.tape.isRunning = status === 'in-progress';
    } else if (status === 'stopped') this.#end(recording);
    else throw new RestError(400, 20001, 'Status is not valid');
    return { status: 200, body: this.#describe(recording) };
  }

  #end(recording: TwilioRecording): void {
    if (recording.status === 'processing' || recording.status === 'completed') return;
    recording.status = 'processing';
    recording.tape.isRunning = false;
    this.#context.timers.after(readyMs, () => {
      recording.status = 'completed';
      this.#tell(recording).catch((error) => this.#context.warn(15003, recording.call.sid, String(error)));
    });
  }

  async #tell({ sid, call, tape, channels, callbackUrl }: TwilioRecording): Promise<void> {
    if (callbackUrl === undefined || this.#context.faults.losesRecordingCallbacks) return;
    const { accountSid } = this.#context;
    await postWebhook(this.#context, callbackUrl, {
      AccountSid: accountSid,
      CallSid: call.sid,
      RecordingSid: sid,
      RecordingUrl: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Recordings/${sid}`,
      RecordingStatus: 'completed',
      RecordingDuration: String(Math.round(tape.durationMs / 1000)),
      RecordingChannels: String(channels),
      RecordingSource: 'StartCallRecordingAPI',
    });
  }

  #play({ status, tape }: TwilioRecording, url: URL): RecordingReply {
    if (status !== 'completed') throw new RestError(404, 20404, 'The audio is not there yet');
    if (url.searchParams.get('RequestedChannels') !== '2')
      throw new RestError(400, 20001, 'Without RequestedChannels=2 both sides would be mixed');
    return { status: 200, body: tape.formatWav() };
  }

  #get(sid: string): TwilioRecording {
    const found = this.all.find((one) => one.sid === sid && !one.isRemoved);
    if (!found) throw new RestError(404, 20404, 'The requested resource was not found');
    return found;
  }

  #describe({ sid, call, status, channels, tape }: TwilioRecording) {
    const duration = status === 'completed' ? String(Math.round(tape.durationMs / 1000)) : null;
    const uri = `/2010-04-01/Accounts/${this.#context.accountSid}/Recordings/${sid}.json`;
    return { sid, call_sid: call.sid, status, channels, duration, source: 'StartCallRecordingAPI', uri };
  }
}
