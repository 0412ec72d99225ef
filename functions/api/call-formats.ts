// A call as the API tells of it, in a list and by itself.
import type {
  CallDetail,
  CallQueryInput,
  CallSummary,
  Forgetting,
  OutcomeDetail,
  RecordingDetail,
} from '../../shared/api.ts';
import type { Finding } from '../../shared/call/call-outcome.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { CallSort } from '../../shared/stores/call-order.ts';
import type { CallQuery } from '../../shared/stores/call-query.ts';
import type { ForgetRequest } from '../../shared/stores/caller-memory.ts';
import { readParty } from './party.ts';

const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
const isoOf = (at: number) => new Date(at).toISOString();

const sorts: Readonly<Record<CallQueryInput['sort'], CallSort>> = {
  created_at: 'createdAt',
  phone_number: 'remoteParty',
  agent: 'agent',
  model: 'model',
  length: 'lengthMs',
  end_reason: 'reason',
};

/** In the words of the history. Throws BAD_REQUEST. */
export function readCallQuery(input: CallQueryInput): CallQuery {
  const { status, end_reason, phone_number, sort, order, ...rest } = input;
  if (rest.from !== undefined && rest.to !== undefined && rest.from >= rest.to)
    throw new AppError('BAD_REQUEST', 'to: must be later than from');
  const remoteParty = phone_number === undefined ? undefined : readParty(phone_number);
  const sorted = { by: sorts[sort], isUp: order === 'asc' };
  return { ...rest, phase: status, reason: end_reason, remoteParty, order: sorted };
}

export function formatSummary(call: CallState): CallSummary {
  const { outcome, recording } = call;
  return {
    call_id: call.callId,
    status: call.phase,
    direction: call.direction,
    phone_number: call.remoteParty,
    line: call.ourNumber,
    carrier: call.carrier,
    agent: call.agent,
    model: call.model,
    created_at: iso(call.createdAt),
    connected_at: iso(call.connectedAt),
    ended_at: iso(call.endedAt),
    end_reason: call.endReason,
    end_code: call.endCode,
    outcome: outcome?.status,
    satisfaction: outcome?.result?.satisfaction.value ?? undefined,
    summary: outcome?.result?.summary.value ?? undefined,
    recording: recording?.status,
  };
}

export function formatDetail(call: CallState): CallDetail {
  return {
    ...formatSummary(call),
    answered_by: call.answeredBy,
    transfer_target: call.transferTarget,
    agent_version: call.pinnedAgent?.hash,
    context: call.context && { ...call.context },
    turns: call.turns.map((turn) => ({ ...turn, at: isoOf(turn.at) })),
    notes: [...call.notes],
    notes_done_at: iso(call.notesDoneAt),
    answers: call.answers && formatAnswers(call.answers),
    callback: call.callback && { due_at: iso(call.callback.dueAt)!, about: call.callback.about },
    tools: (call.tools ?? []).map(({ name, ok, tookMs, at }) => ({ name, ok, took_ms: tookMs, at: isoOf(at) })),
    outcome: formatOutcome(call),
    recording: formatRecording(call),
    deliveries: (call.deliveries ?? []).map(({ event, attempt, at, tookMs, status, delivered = false, nextAt }) => {
      return { event, attempt, at: isoOf(at), took_ms: tookMs, status, delivered, next_at: iso(nextAt) };
    }),
  };
}

export function formatForgetting(request: ForgetRequest): Forgetting {
  const { id, requestedAt, doneAt, calls, files, waitingFor } = request;
  return {
    request_id: id,
    status: doneAt === undefined ? 'pending' : 'done',
    requested_at: isoOf(requestedAt),
    done_at: iso(doneAt),
    removed: { calls, files },
    waiting_for: [...waitingFor],
  };
}

/** What a finding was found in, as places in the list of turns. */
export function formatOutcome({ outcome, turns }: CallState): OutcomeDetail | undefined {
  if (!outcome) return undefined;
  const { status, attempts, code, result } = outcome;
  if (!result) return { status, attempts, code };
  const cite = <Value>({ value, turns: spokenAt }: Finding<Value>) => ({
    value,
    turns: spokenAt.map((at) => turns.findIndex((turn) => turn.at === at)).filter((place) => place >= 0),
  });
  const fields = Object.entries(result.fields).map(([name, found]) => {
    const { value, turns: places } = cite(found);
    return [name, { value: Array.isArray(value) ? [...value] : (value as string | number | boolean), turns: places }];
  });
  return {
    status,
    attempts,
    summary: cite(result.summary),
    satisfaction: cite(result.satisfaction),
    next_action: cite(result.nextAction),
    fields: Object.fromEntries(fields),
  };
}

function formatRecording({ callId, recording }: CallState): RecordingDetail | undefined {
  if (!recording) return undefined;
  const { status, startedAt, endedAt, code, files, isRemovedAtCarrier = false } = recording;
  return {
    status,
    started_at: iso(startedAt),
    ended_at: iso(endedAt),
    code,
    files: files.map(({ part, bytes, durationMs, channels }) => {
      return { url: `/api/calls/${callId}/recording?part=${part}`, bytes, duration_ms: durationMs, channels };
    }),
    ...(startedAt !== undefined && { peaks_url: `/api/calls/${callId}/peaks` }),
    removed_at_carrier: isRemovedAtCarrier,
  };
}

function formatAnswers(answers: NonNullable<CallState['answers']>): CallDetail['answers'] {
  return Object.fromEntries(
    Object.entries(answers).map(([question, { answer, score, at }]) => [question, { answer, score, at: iso(at)! }]),
  );
}
