// How what waits to be played leaves for the caller: far ahead of the ear or close to it, as it is, softer, or not at all for now.

/**
 * `steady`: as far ahead as rides out any stall. `attentive`: close enough that whoever speaks into it is soon reacted to.
 * `alert`: somebody may be speaking, and what changes is heard within two frames. `soft`: the same, 12 dB down. `paused`: nothing
 * leaves beyond the next quiet point of the agent's own voice; another manner goes on from that sample.
 */
export type Manner = 'steady' | 'attentive' | 'alert' | 'soft' | 'paused';

const attentiveMs = 100;
const alertMs = 30;

/** `steadyMs`: the carrier's own. */
export function aheadOf(manner: Manner, steadyMs: number): number {
  if (manner === 'steady') return steadyMs;
  return Math.min(steadyMs, manner === 'attentive' ? attentiveMs : alertMs);
}
