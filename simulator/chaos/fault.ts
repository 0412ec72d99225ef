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

/** Of switches that are turned: how they were, and who wants what of them. */
interface Turned {
  readonly before: Readonly<Record<string, unknown>>;
  readonly wanted: readonly object[];
}

const turned = new WeakMap<object, Turned>();

/** Sets these switches until it is undone. Others may turn the same ones meanwhile: they are as before when all are done. */
export function turn<Switches extends object>(switches: Switches, wanted: Partial<Switches>): Struck {
  const { before: known, wanted: others } = turned.get(switches) ?? { before: {}, wanted: [] };
  const touched = Object.keys(wanted).map((key) => [key, switches[key as keyof Switches]]);
  const before = { ...Object.fromEntries(touched), ...known };
  const own = { ...wanted };
  turned.set(switches, { before, wanted: [...others, own] });
  Object.assign(switches, own);
  return { undo: () => giveBack(switches, own) };
}

function giveBack(switches: object, one: object): void {
  const { before, wanted } = turned.get(switches)!;
  const left = wanted.filter((other) => other !== one);
  Object.assign(switches, before, ...left);
  if (left.length > 0) turned.set(switches, { before, wanted: left });
  else turned.delete(switches);
}

/** Undefined where all of them are gone already. */
export function pickRunning<Machine extends ProductMachine>(
  machines: readonly Machine[],
  random: SeededRandom,
): Machine | undefined {
  const running = machines.filter(({ isRunning }) => isRunning);
  return running.length > 0 ? random.pick(running) : undefined;
}
