// What is written beside a world that is played again: both sides of each call as WAV, and a page with its timeline.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conversationWav, heardWav } from '../caller/call-wav.ts';
import type { PlayedCall } from './played-call.ts';
import { formatTimeline } from './timeline-page.ts';
import type { WorldRecord } from './world-record.ts';
import type { WorldVerdict } from './world-verdict.ts';

export interface Replay {
  keepCall(call: PlayedCall): Promise<void>;
  finish(world: WorldRecord, verdict: WorldVerdict): Promise<void>;
}

/** In a folder that is there. */
export function createReplay(folder: string): Replay {
  return {
    async keepCall({ plan, person, phone }) {
      if (!phone.line) return;
      const report = await person.done;
      const name = plan.number.slice(1);
      await writeFile(join(folder, `${name}-heard.wav`), heardWav(report));
      await writeFile(join(folder, `${name}-said.wav`), heardWav({ heard: report.said }));
      await writeFile(join(folder, `${name}-both.wav`), conversationWav(report));
    },
    async finish(world, { violations }) {
      await writeFile(join(folder, 'timeline.html'), formatTimeline(world, violations));
      await writeFile(join(folder, 'log.jsonl'), world.log.join(''));
    },
  };
}
