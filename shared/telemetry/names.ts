// The one table of what telemetry is called: spans, attributes, metrics and custom events, by OpenTelemetry's own names where it has one.

/** Who makes the spans, metrics and records: OpenTelemetry's scope. */
export const scopeName = 'parley';

/** `invoke_agent` and `execute_tool` are operations of the GenAI conventions: the name of the agent or tool follows. */
export const spanNames = {
  answer: 'answer',
  dial: 'dial',
  call: 'invoke_agent',
  media: 'media',
  connectModel: 'connect model',
  modelSession: 'model session',
  failover: 'failover',
  greeting: 'greeting',
  turn: 'turn',
  wait: 'wait',
  endpointing: 'endpointing',
  firstAudio: 'first audio',
  playout: 'playout',
  reply: 'reply',
  tool: 'execute_tool',
  transfer: 'transfer',
  hangUp: 'hang up',
} as const;

export const attributeNames = {
  /** Our name of the call. */
  callId: 'gen_ai.conversation.id',
  operation: 'gen_ai.operation.name',
  agent: 'gen_ai.agent.name',
  model: 'gen_ai.request.model',
  tool: 'gen_ai.tool.name',
  /** A code of our catalogue. Application Insights leaves out OpenTelemetry's own `error.type`. */
  error: 'parley.error.code',
  carrier: 'parley.carrier',
  direction: 'parley.direction',
  replica: 'parley.replica',
  reason: 'parley.end.reason',
  /** The carrier's own, for operators. */
  endCode: 'parley.end.code',
  seconds: 'parley.call.seconds',
  answerMs: 'parley.call.answer_ms',
  turns: 'parley.call.turns',
  interruptions: 'parley.call.interruptions',
  answeredBy: 'parley.answered_by',
  interrupted: 'parley.reply.interrupted',
  heardMs: 'parley.reply.heard_ms',
  stopMs: 'parley.reply.stop_ms',
  function: 'parley.function',
} as const;

/** Durations in ms. */
export const metricNames = {
  callsLive: 'parley.calls.live',
  callsStarted: 'parley.calls.started',
  callsEnded: 'parley.calls.ended',
  answerMs: 'parley.answer.duration',
  turnMs: 'parley.turn.duration',
  bargeInStopMs: 'parley.barge_in.stop.duration',
  modelConnectMs: 'parley.model.connect.duration',
  toolMs: 'gen_ai.execute_tool.duration',
  reconnects: 'parley.media.reconnects',
  modelLosses: 'parley.model.losses',
  failovers: 'parley.model.failovers',
  lateFrames: 'parley.playout.late_frames',
  droppedFrames: 'parley.playout.dropped_frames',
  filledMs: 'parley.media.filled',
  dialRefusals: 'parley.dial.refusals',
  callbackRefusals: 'parley.callbacks.refused',
  storeBacklog: 'parley.store.backlog',
  storeLagMs: 'parley.store.lag',
  eventLoopDelayMs: 'parley.event_loop.delay',
} as const;

/** What operators look for by name, and are woken for. */
export const eventNames = {
  callEnded: 'call.ended',
  callNotAnswered: 'call.not_answered',
  bridgeFull: 'bridge.full',
  modelThrottled: 'model.throttled',
  callbackRefused: 'callback.refused',
  transferFailed: 'transfer.failed',
  outcomeFailed: 'outcome.failed',
  recordingMissing: 'recording.missing',
} as const;

export type CustomEventName = (typeof eventNames)[keyof typeof eventNames];
