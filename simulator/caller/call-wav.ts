// What was heard and said on a phone, as WAV files to listen to.
import { formatWav } from '../voice/wav.ts';
import { phoneSampleRate } from './phone.ts';

export function heardWav(call: { readonly heard: Int16Array }): Buffer {
  return formatWav(call.heard, phoneSampleRate);
}

export function saidWav(call: { readonly said: Int16Array }): Buffer {
  return formatWav(call.said, phoneSampleRate);
}
