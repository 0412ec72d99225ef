// The recordings of the ACS stand-in: begun, paused and ended by REST, given out from its own storage, announced by Event Grid.
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { EventGrid } from '../event-grid/event-grid.ts';
import { StereoTape } from '../line/stereo-tape.ts';
import type { AcsCall } from './acs-call.ts';
import type { AcsContext } from './acs-context.ts';
import { identifierSchema, rawIdOf } from './acs-identifier.ts';
import { AcsApiError, badRequest } from './acs-reply.ts';
import { refuseUnsigned } from './acs-request-auth.ts';
import type { AcsRoute } from './acs-routes.ts';

/** The live service takes some seconds to have the file. */
const readyMs = 2_000;
/** What a built-in recording is kept for. */
const keptMs = 24 * 3_600_000;
const storageHost = 'us-storage.asm.skype.com';

const startSchema = z.object({
  callConnectionId: z.string().optional(),
  callLocator: z.object({ kind: z.literal('serverCallLocator'), serverCallId: z.string() }).optional(),
  recordingContentType: z.literal('audio'),
  recordingChannelType: z.enum(['mixed', 'unmixed']),
  recordingFormatType: z.enum(['wav', 'mp3']),
  channelAffinity: z.array(z.object({ channel: z.int().min(0).max(4), participant: identifierSchema })).optional(),
  pauseOnStart: z.boolean().optional(),
});

export interface AcsRecording {
  readonly recordingId: string;
  readonly documentId: string;
  readonly call: AcsCall;
  readonly tape: StereoTape;
  readonly startedAt: number;
  state: 'active' | 'inactive';
  isRemoved: boolean;
}

export interface AcsRecordings {
  readonly all: readonly AcsRecording[];
  /** Those that are over, and their files. */
  forget(): void;
  readonly routes: readonly AcsRoute[];
  /** `/v1/objects/…`: content and removal. False: it is another path. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
}

export function createAcsRecordings(options: {
  readonly context: AcsContext;
  readonly accessKey: string;
  readonly eventGrid: EventGrid;
  readonly findCall: (id: string) => AcsCall | undefined;
}): AcsRecordings {
  const { context, eventGrid } = options;
  const all: AcsRecording[] = [];

  const find = (id: string) => {
    const found = all.find(({ recordingId }) => recordingId === decodeURIComponent(id));
    if (!found) throw new AcsApiError({ status: 404, code: '8522', message: 'Recording not found.' });
    return found;
  };
  const end = (recording: AcsRecording, endReason: 'SessionEnded' | 'RecordingEnded') => {
    if (recording.state === 'inactive') return;
    recording.state = 'inactive';
    recording.tape.isRunning = false;
    context.timers.after(readyMs, () => announce(recording, endReason));
  };
  const announce = ({ recordingId, documentId, call, tape, startedAt }: AcsRecording, endReason: string) => {
    const location = `https://${storageHost}/v1/objects/${documentId}`;
    eventGrid.publish({
      type: 'Microsoft.Communication.RecordingFileStatusUpdated',
      subject: `/recording/call/${call.correlationId}/serverCallId/${call.serverCallId}/recordingId/${recordingId}`,
      data: {
        recordingStorageInfo: {
          recordingChunks: [
            {
              documentId,
              index: 0,
              endReason,
              contentLocation: `${location}/content/audio`,
              metadataLocation: `${location}/content/acsmetadata`,
              deleteLocation: location,
            },
          ],
        },
        recordingStartTime: new Date(startedAt).toISOString(),
        recordingDurationMs: Math.round(tape.durationMs),
        recordingContentType: 'Audio',
        recordingChannelType: 'Unmixed',
        recordingFormatType: 'Wav',
        sessionEndReason: 'CallEnded',
      },
    });
  };

  const start = (body: unknown) => {
    const parsed = startSchema.safeParse(body);
    if (!parsed.success) throw badRequest(`Invalid request: ${z.prettifyError(parsed.error)}`);
    const {
      callConnectionId = '',
      recordingChannelType,
      recordingFormatType,
      channelAffinity = [],
      pauseOnStart,
    } = parsed.data;
    const call = options.findCall(callConnectionId);
    if (!call) throw new AcsApiError({ status: 404, code: '8522', message: 'Call not found.' });
    if (call.phase !== 'connected')
      throw new AcsApiError({
        status: 400,
        code: '8501',
        message: 'Action is invalid when call is not in Established state.',
      });
    if (recordingChannelType === 'unmixed' && recordingFormatType !== 'wav')
      throw badRequest('Invalid request: unmixed recordings are WAV files.');
    if (all.some((one) => one.call === call && one.state === 'active'))
      throw badRequest('Invalid request: a recording of this call is active.');
    const inCall = call.participants.map(({ identifier }) => rawIdOf(identifier));
    const stranger = channelAffinity.find(({ participant }) => !inCall.includes(rawIdOf(participant)));
    if (stranger) throw badRequest('Invalid request: channelAffinity names somebody who is not in the call.');
    // Unasked, whoever speaks first is left: the agent, as a rule.
    const ofPhone = channelAffinity.find(
      ({ participant }) => rawIdOf(participant) !== context.applicationRawId,
    )?.channel;
    const recording: AcsRecording = {
      recordingId: randomBytes(30).toString('base64'),
      documentId: `0-eus-d1-${randomUUID().replaceAll('-', '')}`,
      call,
      tape: new StereoTape(ofPhone === 0 ? 0 : 1),
      startedAt: context.now(),
      state: 'active',
      isRemoved: false,
    };
    recording.tape.isRunning = pauseOnStart !== true;
    call.tapeTo(recording.tape);
    all.push(recording);
    void call.ended.then(() => end(recording, 'SessionEnded'));
    return { status: 200, body: describe(recording) };
  };

  return {
    all,
    forget: () => void all.splice(0, all.length, ...all.filter(({ state }) => state === 'active')),
    routes: [
      {
        name: 'startRecording',
        method: 'POST',
        path: /^\/calling\/recordings$/,
        handle: (_match, body) => start(body),
      },
      {
        name: 'getRecording',
        method: 'GET',
        path: /^\/calling\/recordings\/([^/:]+)$/,
        handle: (match) => ({ status: 200, body: describe(find(match[1]!)) }),
      },
      {
        name: 'stopRecording',
        method: 'DELETE',
        path: /^\/calling\/recordings\/([^/:]+)$/,
        handle(match) {
          end(find(match[1]!), 'RecordingEnded');
          return { status: 204 };
        },
      },
      ...(['pause', 'resume'] as const).map((verb): AcsRoute => {
        return {
          name: `${verb}Recording`,
          method: 'POST',
          path: new RegExp(`^/calling/recordings/([^/:]+):${verb}$`),
          handle(match) {
            const recording = find(match[1]!);
            if (recording.state === 'inactive') throw badRequest('Invalid request: the recording has ended.');
            recording.tape.isRunning = verb === 'resume';
            return { status: 202 };
          },
        };
      }),
    ],
    serve(request, response) {
      const match = /^\/v1\/objects\/([\w-]+)(\/content\/audio)?$/.exec(request.url ?? '');
      if (!match) return false;
      const answer = (status: number, body: Buffer | object, type = 'application/json') => {
        response.writeHead(status, { 'content-type': type });
        response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
      };
      // Signed for the ACS host and the path alone, though it is sent to the storage.
      const host = String(request.headers['x-ms-host'] ?? '');
      const refusal = refuseUnsigned(
        { method: request.method!, target: request.url!, headers: { ...request.headers, host }, body: Buffer.alloc(0) },
        options.accessKey,
        context.now(),
      );
      const found = all.find(({ documentId }) => documentId === match[1]);
      const isThere = found && !found.isRemoved && context.now() - found.startedAt < keptMs;
      if (refusal) answer(401, { status: 401, message: refusal });
      else if (!isThere) answer(404, { status: 404, message: 'There is no such object.' });
      else if (request.method === 'GET' && match[2]) answer(200, found.tape.formatWav(), 'audio/wav');
      else if (request.method === 'DELETE' && !match[2]) {
        found.isRemoved = true;
        answer(200, {});
      } else answer(405, { status: 405, message: 'Not allowed.' });
      return true;
    },
  };
}

function describe({ recordingId, state }: AcsRecording) {
  return { recordingId, recordingState: state, recordingKind: 'azureCommunicationServices' };
}
