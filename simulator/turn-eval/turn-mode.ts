// Who decides whose turn it is in an evaluated call, and what the product is told of it.
import type { Settings } from '../world/product.ts';

/** `off`: the model's service, as ever. `on`: the bridge. `unadapted`: the bridge, which gives every caller the same time. */
export const turnModes = ['off', 'on', 'unadapted'] as const;
export type TurnMode = (typeof turnModes)[number];

export const settingsOfMode: Record<TurnMode, Settings> = {
  off: { TURN_TAKING: 'model' },
  on: { TURN_TAKING: 'bridge' },
  unadapted: { TURN_TAKING: 'bridge', DEFAULT_AGENT: 'unadapting-listener' },
};
