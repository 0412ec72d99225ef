// What one evaluated call is: its line, who calls, and what happens in it; all of it drawn from a seed.
import type { VoiceModelKind } from '../../../shared/call/call.ts';
import { SeededRandom } from '../../virtual-time/seeded-random.ts';
import type { BackgroundName } from '../sounds/backgrounds.ts';
import { backgrounds } from '../sounds/backgrounds.ts';
import type { Half } from '../sounds/half.ts';
import { callerVoices } from '../sounds/voices.ts';
import type { EventKind } from './utterance.ts';

/** `acs` has 16 kHz, `twilio` mu-law at 8 kHz. */
export const lines = ['acs', 'twilio'] as const;
export const noiseLevels = [25, 10] as const;

export interface CallPlan {
  readonly seed: number;
  readonly half: Half;
  readonly model: VoiceModelKind;
  readonly carrier: (typeof lines)[number];
  readonly snrDb: (typeof noiseLevels)[number];
  readonly voice: number;
  readonly background: BackgroundName;
  readonly events: readonly EventKind[];
  /** How much longer backchannels are than people's: 1 as a rule. */
  readonly backchannelStretch: number;
  /** Of the words that recognition gets wrong. */
  readonly wordErrors: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly half: Half;
  readonly model: VoiceModelKind;
  readonly events: Partial<Record<EventKind, number>>;
  readonly backchannelStretch?: number;
  readonly wordErrors?: number;
}

/** Spread over lines, levels, voices and backgrounds: `count` calls share the events evenly. */
export function drawPlans(count: number, options: PlanOptions): CallPlan[] {
  const { half, backchannelStretch = 1, wordErrors = 0 } = options;
  const random = new SeededRandom(options.seed);
  const dealt: EventKind[][] = Array.from({ length: count }, () => []);
  let next = 0;
  for (const [kind, times] of Object.entries(options.events) as [EventKind, number][])
    for (let n = 0; n < times; n++) dealt[next++ % count]!.push(kind);
  return dealt.map((events, n) => ({
    seed: options.seed * 1_000 + n,
    half,
    model: options.model,
    carrier: lines[n % 2]!,
    snrDb: noiseLevels[(n >> 1) % 2]!,
    voice: n % callerVoices[half].length,
    background: random.pick(backgrounds[half]),
    events: shuffle(events, random),
    backchannelStretch,
    wordErrors,
  }));
}

function shuffle<Item>(items: Item[], random: SeededRandom): Item[] {
  for (let n = items.length - 1; n > 0; n--) {
    const other = random.integer(0, n + 1);
    [items[n], items[other]] = [items[other]!, items[n]!];
  }
  return items;
}
