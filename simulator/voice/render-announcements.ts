// Renders the spoken announcements of bridge and functions: run it after changing a text, and commit what it writes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeG711 } from './g711.ts';
import { resample } from './resample.ts';
import { agentVoice, openSpeech, speechSampleRate } from './speech.ts';
import { formatWav } from './wav.ts';

const folder = join(import.meta.dirname, '../../media-bridge/announcements/en');
const announcements = {
  'one-moment': 'One moment, please.',
  apology: 'We are sorry. We cannot take your call at the moment. Please try again later. Goodbye.',
};

const speech = openSpeech();
for (const [name, text] of Object.entries(announcements)) {
  const samples = resample(await speech.speak(text, agentVoice), speechSampleRate, 8000);
  writeFileSync(join(folder, `${name}.ulaw`), encodeG711(samples, 'mulaw'));
  console.log(`${name}: ${samples.length / 8} ms`);
}
/** As ACS plays them: WAV, 16 kHz. */
const played = {
  'one-moment': announcements['one-moment'],
  'lines-busy': 'All our lines are busy at the moment. Please call again later. Goodbye.',
};
for (const [name, text] of Object.entries(played)) {
  const path = join(import.meta.dirname, `../../functions/announcements/en/${name}.wav`);
  writeFileSync(path, formatWav(resample(await speech.speak(text, agentVoice), speechSampleRate, 16_000), 16_000));
}
await speech.close();
