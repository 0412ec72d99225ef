// Plays scenes to the turn machine: what is heard, here and by the service, frame by frame, and what is done about it, and when.
import type { HeardFrame } from '../caller-ear.ts';
import { stepTurn } from '../turn-machine.ts';
import { createTurnNumbers } from '../turn-numbers.ts';
import { type AgentMoment, quietTurn, type TurnAction, type TurnInput, type TurnState } from '../turn-state.ts';
import { WordJudge } from '../word-evidence.ts';

export const rules = { eagerness: 'medium', backchannels: true, minimum_words: 0, adapts: true } as const;
export const words = new WordJudge(['en-US']);

/** From `fromMs` to `toMs` the caller is heard here. */
type Sound = Partial<HeardFrame> & { readonly fromMs: number; readonly toMs: number };
type Told =
  | readonly [atMs: number, what: 'started' | 'stopped' | 'lost']
  | readonly [atMs: number, what: 'words' | 'final' | 'late', text: string];

export interface Scene {
  readonly sounds: readonly Sound[];
  readonly told?: readonly Told[];
  /** By default it speaks for another ten seconds. */
  readonly agent?: Partial<AgentMoment> & { readonly endsAtMs?: number; readonly beganMs?: number };
  readonly rules?: Partial<Parameters<typeof createTurnNumbers>[0]>;
  /** True where it is not said. */
  readonly tellsWords?: boolean;
  /** Four seconds where it is not said. */
  readonly lastsMs?: number;
}

export const loud = {
  isRoomKnown: true,
  isSound: true,
  isLoud: true,
  risingMs: 40,
  levelDb: 0,
  momentDb: 0,
  kind: 'speech',
  isMuffled: false,
} as const;
export const silence = { ...loud, isSound: false, isLoud: false, risingMs: 0, momentDb: -40 } as const;

/** By what they show, with what is to be done. */
export type Scenes = Readonly<Record<string, readonly [scene: Scene, done: readonly string[]]>>;

/**
 * Plays it, frame by frame. Returns what was done and when; of the agent's manner only softness and pauses unless all are asked for.
 * `on`: the pause is over.
 */
export function play(scene: Scene, hasAllManners = false): string[] {
  const { endsAtMs = 10_000, beganMs = -5_000, ...given } = scene.agent ?? {};
  const numbers = createTurnNumbers({ ...rules, ...scene.rules }, { slackMs: 0, tellsWords: scene.tellsWords ?? true });
  const told = [...(scene.told ?? [])];
  const done: string[] = [];
  let state: TurnState = quietTurn;
  let isStopped = false;
  let isPaused = false;
  const step = (input: TurnInput, nowMs: number) => {
    const isAudible = !isStopped && nowMs < endsAtMs && nowMs >= beganMs;
    const heard = { isAudible, heardMs: isAudible ? nowMs - beganMs : 0, leftMs: Math.max(0, endsAtMs - nowMs) };
    const result = stepTurn(state, input, { nowMs, owesReply: false, guard: 'none', ...heard, ...given }, numbers);
    state = result.state;
    for (const action of result.actions) {
      if (action.type === 'take') isStopped = true;
      const name =
        action.type === 'manner' && hasAllManners ? action.manner : describeAction(action, isPaused && !isStopped);
      if (name !== undefined) done.push(`${name} ${nowMs}`);
      if (action.type === 'manner') isPaused = action.manner === 'paused';
    }
  };
  for (let nowMs = 20; nowMs <= (scene.lastsMs ?? 4_000); nowMs += 20) {
    while (told[0] && told[0][0] <= nowMs) tell(told.shift()!, nowMs);
    const sound = scene.sounds.find(({ fromMs, toMs }) => nowMs > fromMs && nowMs <= toMs);
    step({ type: 'frame', ...(sound ? { ...loud, ...sound } : silence) }, nowMs);
  }
  return done;

  function tell([, what, text]: Told, nowMs: number): void {
    if (what === 'lost') step({ type: 'service-lost', holdsTurn: true }, nowMs);
    else if (what === 'started' || what === 'stopped') step({ type: `service-${what}`, turnId: 'item' }, nowMs);
    else if (what === 'late') step({ type: 'late-words', evidence: words.judge(text!) }, nowMs);
    else step({ type: 'words', evidence: words.judge(text!), isFinal: what === 'final' }, nowMs);
  }
}

function describeAction(action: TurnAction, goesOn: boolean): string | undefined {
  if (action.type === 'listen') return undefined;
  if (action.type === 'manner') {
    if (action.manner === 'soft' || action.manner === 'paused') return action.manner;
    return goesOn ? 'on' : undefined;
  }
  return action.type === 'drop' ? `drop ${action.sound}` : action.type;
}
