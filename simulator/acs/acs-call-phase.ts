// Where a call stands at Call Automation, what moves it on, and what may be asked of it there.

export type AcsCallPhase = 'ringing' | 'dialling' | 'connecting' | 'connected' | 'transferring' | 'disconnected';

export type AcsCallStep =
  | 'answered' // the application took an incoming call, or the dialled phone was picked up
  | 'established' // both ends are through
  | 'transfer-started'
  | 'transfer-failed'
  | 'ended';

const steps: Record<AcsCallPhase, Partial<Record<AcsCallStep, AcsCallPhase>>> = {
  ringing: { answered: 'connecting', ended: 'disconnected' },
  dialling: { answered: 'connecting', ended: 'disconnected' },
  connecting: { established: 'connected', ended: 'disconnected' },
  connected: { 'transfer-started': 'transferring', ended: 'disconnected' },
  transferring: { 'transfer-failed': 'connected', ended: 'disconnected' },
  disconnected: {},
};

/** Undefined: the step has no meaning in that phase, and nothing changes. */
export function nextAcsPhase(phase: AcsCallPhase, step: AcsCallStep): AcsCallPhase | undefined {
  return steps[phase][step];
}

/** How the API names a phase. */
export const acsPhaseNames: Record<AcsCallPhase, string> = {
  ringing: 'unknown',
  dialling: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
  transferring: 'transferring',
  disconnected: 'disconnected',
};

/** Which kind of request a phase can serve. */
export type AcsDemand = 'answer' | 'read' | 'hang-up' | 'act';

export interface AcsRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const acsRefusals = Object.freeze({
  notEstablished: { status: 400, code: '8501', message: 'Action is invalid when call is not in Established state.' },
  notFound: { status: 404, code: '8522', message: 'Call not found.' },
  used: { status: 400, code: '8523', message: 'Invalid request: the incoming call context was used before.' },
  expired: {
    status: 400,
    code: '8523',
    message: 'Invalid request: lifetime validation of the signed http request failed.',
  },
} satisfies Record<string, AcsRefusal>);

/** Undefined: go ahead. A call that never was answered has no connection, so its id is not known either. */
export function refuseInPhase(phase: AcsCallPhase, demand: AcsDemand): AcsRefusal | undefined {
  if (demand === 'answer') {
    if (phase === 'ringing') return undefined;
    return phase === 'disconnected' ? acsRefusals.notFound : acsRefusals.used;
  }
  if (phase === 'ringing' || phase === 'disconnected') return acsRefusals.notFound;
  if (demand === 'act' && phase !== 'connected') return acsRefusals.notEstablished;
  return undefined;
}
