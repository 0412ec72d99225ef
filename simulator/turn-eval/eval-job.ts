// What is played: for each model, off and on, all kinds of events; and further rows that change one thing. Cut into jobs for processes. Pure.
import { type VoiceModelKind, voiceModelKinds } from '../../shared/call/call.ts';
import { type CallPlan, drawPlans } from './callers/call-plan.ts';
import type { EventKind } from './callers/utterance.ts';
import type { Half } from './sounds/half.ts';
import type { TurnMode } from './turn-mode.ts';

/** `all`: the figures that have targets. The others change one thing each. */
export const variants = [
  'all',
  'no partial words',
  'nods x1.15',
  'nods x1.3',
  '4 % of words wrong',
  '8 % of words wrong',
] as const;
export type Variant = (typeof variants)[number];

/** One column of the table. */
export interface Column {
  readonly model: VoiceModelKind;
  readonly mode: TurnMode;
  readonly variant: Variant;
}

export interface EvalJob {
  readonly column: Column;
  readonly plans: readonly CallPlan[];
}

export interface JobOptions {
  readonly seed: number;
  readonly half: Half;
  /** Of each kind. */
  readonly events: number;
  readonly columns: readonly Column[];
}

/** Shares of `events`: sounds that want no answer come on the agent's words and in silence. */
const shares: Record<EventKind, number> = {
  question: 0.5,
  hesitation: 1,
  'long interruption': 1.05,
  'short interruption': 1.05,
  backchannel: 1.05,
  noise: 0.65,
  aside: 0.65,
  'noise in silence': 0.45,
  'aside in silence': 0.45,
  'backchannel in silence': 0.25,
};
const onWords: readonly EventKind[] = ['backchannel', 'long interruption', 'short interruption'];
/** A call then lasts some three minutes. */
const eventsPerCall = 18;
/** One world after the other takes time too: it is started once for so many calls. */
const callsPerJob = 6;

/** Where callers nod for longer, or are misheard, those that adapting is for. */
const forAdapting: readonly Variant[] = ['nods x1.15', 'nods x1.3', '4 % of words wrong', '8 % of words wrong'];

/** `isUnadaptedToo`: what adapting to callers is for is played without it as well. */
export function listColumns({ isUnadaptedToo = false } = {}): Column[] {
  const modes = ['off', 'on'] as const;
  const all = voiceModelKinds.flatMap((model) => modes.map((mode) => ({ model, mode, variant: 'all' as const })));
  const changed = variants
    .filter((variant) => variant !== 'all')
    .flatMap((variant): Column[] => {
      const adapted: Column = { model: 'gpt-realtime', mode: 'on', variant };
      return isUnadaptedToo && forAdapting.includes(variant) ? [{ ...adapted, mode: 'unadapted' }, adapted] : [adapted];
    });
  return [...all, ...changed];
}

export function nameColumn({ model, mode, variant }: Column): string {
  return [model, mode, ...(variant === 'all' ? [] : [variant])].join(', ');
}

export function drawJobs({ seed, half, events, columns }: JobOptions): EvalJob[] {
  return columns.flatMap((column) => {
    const wanted = findEvents(column, events);
    const total = Object.values(wanted).reduce((sum, times) => sum + times, 0);
    const { model, variant } = column;
    const plans = drawPlans(Math.max(1, Math.ceil(total / eventsPerCall)), {
      // The same calls off and on.
      seed,
      half,
      model,
      events: wanted,
      backchannelStretch: { 'nods x1.15': 1.15, 'nods x1.3': 1.3 }[variant as string] ?? 1,
      wordErrors: { '4 % of words wrong': 0.04, '8 % of words wrong': 0.08 }[variant as string] ?? 0,
    });
    return Array.from({ length: Math.ceil(plans.length / callsPerJob) }, (_, n) => ({
      column,
      plans: plans.slice(n * callsPerJob, (n + 1) * callsPerJob),
    }));
  });
}

function findEvents({ variant }: Column, events: number): Partial<Record<EventKind, number>> {
  const kinds = Object.entries(shares) as [EventKind, number][];
  const wanted = variant === 'all' ? kinds : kinds.filter(([kind]) => onWords.includes(kind));
  return Object.fromEntries(wanted.map(([kind, share]) => [kind, Math.ceil(share * events)]));
}
