// How often may be dialled, as the settings say it, and in words for whoever is refused.
import { createHash } from 'node:crypto';
import type { Config } from '../config.ts';
import type { DialCap } from '../stores/dial-counts.ts';
import { createPlacesCap } from './dial-places.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export type CapSettings = Pick<Config, 'DIAL_MAX_PER_NUMBER_PER_DAY' | 'DIAL_MAX_PER_HOUR' | 'DIAL_MAX_PARALLEL'>;

export interface DialRule {
  readonly cap: DialCap;
  /** For whoever is over the cap. */
  readonly text: string;
}

/** A transfer goes to a target that the operator named: no cap on the number, no limit in parallel. */
export function createTransferRules({ DIAL_MAX_PER_HOUR: limit }: CapSettings): readonly DialRule[] {
  return [
    {
      cap: { name: 'hour', limit, windowMs: hourMs },
      text: 'as many numbers were dialled as DIAL_MAX_PER_HOUR allows',
    },
  ];
}

export function createDialRules(settings: CapSettings, target: string): readonly DialRule[] {
  return [
    {
      cap: createPlacesCap(settings.DIAL_MAX_PARALLEL),
      text: 'as many calls as DIAL_MAX_PARALLEL allows are live',
    },
    {
      cap: { name: `number:${target}`, limit: settings.DIAL_MAX_PER_NUMBER_PER_DAY, windowMs: dayMs },
      text: 'this number was dialled as often as DIAL_MAX_PER_NUMBER_PER_DAY allows',
    },
    ...createTransferRules(settings),
  ];
}

/** What a number is counted under: the names of a store's keys are seen by more people than its values. */
export function hashNumber(number: string): string {
  return createHash('sha256').update(number).digest('base64url');
}
