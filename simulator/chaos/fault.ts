// One kind of trouble of the table: how it strikes a world, what undoes it, and whose line to the caller it takes away meanwhile.
import type { Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { WebPage, WebPageFaults } from '../browser/web-page.ts';
import type { SeededRandom } from '../virtual-time/seeded-random.ts';
import type { VirtualTime } from '../virtual-time/virtual-time.ts';
import type { ProductMachine, ProductMachines } from '../world/product-machines.ts';
import type { World } from '../world/world.ts';
import type { TrueTimes } from './true-times.ts';

export interface ChaosWorld extends World<ProductMachines> {
  readonly virtualTime: VirtualTime;
  /** Of calls in browsers, by the number that they have in the plan. */
  readonly pages: Map<string, WebPage>;
  readonly pageFaults: WebPageFaults;
  readonly trueTimes: TrueTimes;
}

export interface Struck {
  undo?(): void | Promise<void>;
  /** The machine, if it was one. */
  readonly machine?: string;
  /** What it had not told anybody is lost. */
  readonly isKill?: boolean;
  /** Its callers, or this one, have no line to the agent while the fault lasts. */
  readonly takesLineOf?: { readonly machine: string } | { readonly number: string } | 'everybody';
  /** What a message may take more on its way between carrier and bridge. */
  readonly delaysMs?: number;
  /** What goes over the line meanwhile comes when it is over, either way. */
  readonly holdsUp?: boolean;
  /** What models say comes haltingly, and the line is filled between its pieces. */
  readonly isHalting?: boolean;
  /** So long everybody slept, carriers too. */
  readonly sleptMs?: number;
  /** What these calls say, or hear, is not what anybody meant: they may end in any way. */
  readonly spoils?: { readonly carrier: Carrier } | { readonly models: readonly VoiceModelKind[] };
  /** What is found wrong while it lasts. */
  readonly problems?: readonly string[];
  /** What a lost call needs to be taken over: while it does not work nobody can. */
  readonly takesAway?: 'functions' | 'carrier' | 'bridges';
}

export type Strike = (world: ChaosWorld, random: SeededRandom) => Struck;
export type Faults = Readonly<Record<string, Strike>>;

/** Sets these switches until it is undone. */
export function turn<Switches extends object>(switches: Switches, wanted: Partial<Switches>): Struck {
  const before = Object.fromEntries(Object.keys(wanted).map((key) => [key, switches[key as keyof Switches]]));
  Object.assign(switches, wanted);
  return { undo: () => void Object.assign(switches, before) };
}

/** Undefined where all of them are gone already. */
export function pickRunning<Machine extends ProductMachine>(
  machines: readonly Machine[],
  random: SeededRandom,
): Machine | undefined {
  const running = machines.filter(({ isRunning }) => isRunning);
  return running.length > 0 ? random.pick(running) : undefined;
}
