// Decides which voice models a call is served by, the best first.
import type { VoiceModelKind } from '../../shared/call/call.ts';

export interface ModelWishes {
  /** Of this one call. */
  readonly call: VoiceModelKind | undefined;
  /** Of whoever runs this house: the VOICE_MODEL setting. */
  readonly house: VoiceModelKind | undefined;
  readonly agent: readonly VoiceModelKind[];
}

/** Whatever is configured comes last even if nobody wants it: a caller is better served by any model than by none. */
export function orderModels(
  { call, house, agent }: ModelWishes,
  configured: readonly VoiceModelKind[],
): readonly VoiceModelKind[] {
  const wanted = [call, house, ...agent, ...configured].filter((kind) => kind !== undefined);
  return [...new Set(wanted)].filter((kind) => configured.includes(kind));
}
