// Answers the API about what is left of a call: has it judged again, its notes closed, its caller forgotten; plays its recording.
import { Readable } from 'node:stream';
import type { HttpResponseInit } from '@azure/functions';
import { type CallDetail, forgetRequestSchema } from '../../shared/api.ts';
import { AppError } from '../../shared/errors.ts';
import { audioName, type ByteRange, peaksName, type RecordingFiles } from '../../shared/recordings/recording-files.ts';
import type { CallerForgetting } from '../after-call/caller-forgetting.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';
import { formatForgetting } from './call-formats.ts';
import type { CallOperations } from './call-operations.ts';
import { readCallId, showTo } from './handlers.ts';
import type { OperatorActs } from './operator-acts.ts';
import { readParty } from './party.ts';

export interface RecordHandlersOptions {
  readonly operations: Pick<CallOperations, 'get' | 'askForOutcome' | 'closeNotes'>;
  readonly acts: OperatorActs;
  readonly forgetting: Pick<CallerForgetting, 'ask' | 'find'>;
  readonly files: Pick<RecordingFiles, 'open'>;
}

export type RecordHandlers = ReturnType<typeof createRecordHandlers>;

export function createRecordHandlers({ operations, acts, forgetting, files }: RecordHandlersOptions) {
  return {
    askForOutcome: async (request, client) => {
      const callId = readCallId(request);
      const call = await operations.askForOutcome(callId);
      acts.write(callId, 'asked-outcome', client);
      return { jsonBody: showTo(client, call) };
    },
    closeNotes: async (request, client) => {
      const callId = readCallId(request);
      const call = await operations.closeNotes(callId);
      acts.write(callId, 'did-notes', client);
      return { jsonBody: showTo(client, call) };
    },
    /** A player asks for ranges, and jumps. */
    playRecording: async (request) => {
      const callId = readCallId(request);
      const part = Number(request.query.get('part') ?? 0);
      requireFile(await operations.get(callId), part);
      const range = parseRange(request.headers.get('range'));
      const file = await files.open(audioName(callId, part), range);
      if (!file) throw new AppError('NOT_FOUND', 'the recording is not there any more');
      return formatAudio(file.content, file.bytes, range);
    },
    showPeaks: async (request) => {
      const file = await files.open(peaksName(readCallId(request)));
      if (!file) throw new AppError('NOT_FOUND', 'no peaks were kept of this call');
      return { headers: { 'content-type': 'application/json' }, body: Readable.toWeb(file.content) as ReadableStream };
    },
    forgetCaller: async (request) => {
      const { number } = parseBody(forgetRequestSchema, await readJson(request, apiLimitBytes));
      return { status: 202, jsonBody: formatForgetting(await forgetting.ask(readParty(number))) };
    },
    showForgetting: async (request) => {
      return { jsonBody: formatForgetting(await forgetting.find(request.params.requestId ?? '')) };
    },
  } satisfies Record<string, ClientHandler>;
}

function requireFile({ recording }: CallDetail, part: number): void {
  if (recording?.files.some(({ url }) => url.endsWith(`part=${part}`))) return;
  throw new AppError('NOT_FOUND', 'there is no such recording');
}

/** One range of bytes; anything else is answered by the whole. */
function parseRange(header: string | null): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === undefined) return undefined;
  const start = Number(from);
  const end = to === '' || to === undefined ? Number.MAX_SAFE_INTEGER : Number(to);
  return start <= end ? { start, end } : undefined;
}

function formatAudio(content: Readable, bytes: number, range: ByteRange | undefined): HttpResponseInit {
  const body = Readable.toWeb(content) as ReadableStream;
  const headers = { 'content-type': 'audio/wav', 'accept-ranges': 'bytes', 'cache-control': 'private, no-store' };
  if (!range) return { status: 200, headers: { ...headers, 'content-length': String(bytes) }, body };
  if (range.start >= bytes) {
    content.destroy();
    return { status: 416, headers: { 'content-range': `bytes */${bytes}` } };
  }
  const end = Math.min(range.end, bytes - 1);
  const contentRange = `bytes ${range.start}-${end}/${bytes}`;
  const length = String(end - range.start + 1);
  return { status: 206, headers: { ...headers, 'content-range': contentRange, 'content-length': length }, body };
}
