// A process that plays one job in virtual time and prints its scores: `SEED=7 node play-job.ts '{…}' [folder for the sound]`.
import '../virtual-time/install.ts';

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StereoTape } from '../line/stereo-tape.ts';
import type { EvalJob } from './eval-job.ts';
import { type HeardCall, playCalls } from './play-calls.ts';
import { scoreHeardCall } from './score-call.ts';

const [text, folder] = process.argv.slice(2);
const { column, plans } = JSON.parse(text!) as EvalJob;
/** The one that tells words as they are said, and the default, which tells them afterwards. */
const transcription = column.variant === 'no partial words' ? 'gpt-4o-mini-transcribe' : 'gpt-realtime-whisper';
const calls = await playCalls(plans, column.mode, { AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT: transcription });
if (folder !== undefined) for (const call of calls) await keepSound(call, folder);
process.stdout.write(`${JSON.stringify({ column, calls: calls.map(scoreHeardCall) })}\n`);

/** The caller is left. */
async function keepSound({ plan, heard, spoken }: HeardCall, folder: string): Promise<void> {
  const tape = new StereoTape(0);
  tape.add(spoken, heard);
  await writeFile(join(folder, `${plan.seed}.wav`), tape.formatWav());
}
