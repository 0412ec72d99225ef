// What was heard and said on a phone, as WAV files to listen to.
import { formatWav } from '../voice/wav.ts';
import { phoneSampleRate } from './phone.ts';

export function heardWav(call: { readonly heard: Int16Array }): Buffer {
  return formatWav(call.heard, phoneSampleRate);
}

/** Both sides at once, as somebody hears it who listens in. */
export function conversationWav({ heard, said }: { readonly heard: Int16Array; readonly said: Int16Array }): Buffer {
  const mixed = new Int16Array(Math.max(heard.length, said.length));
  for (let i = 0; i < mixed.length; i++) mixed[i] = Math.max(-32768, Math.min(32767, (heard[i] ?? 0) + (said[i] ?? 0)));
  return formatWav(mixed, phoneSampleRate);
}
