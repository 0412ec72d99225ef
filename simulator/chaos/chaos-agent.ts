// The agent that callers of a world of chaos talk to: it can hand them over, warm and cold, leaves messages to machines, and may be recorded.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrainRules } from '../chat/brain.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';

export const wishes = { warm: 'Can I speak to a person?', cold: 'Please put me through to the workshop.' } as const;
export type Handover = keyof typeof wishes;
export const deskNumbers: Readonly<Record<Handover, string>> = { warm: '+15550177', cold: '+15550178' };

export const chaosRules: BrainRules = {
  ...receptionistRules,
  phrases: [
    ...receptionistRules.phrases,
    {
      heard: wishes.cold,
      tool: {
        name: 'transfer_to_human',
        arguments: { target: 'workshop', brief: 'Somebody asks for the workshop.' },
        report: 'I am putting you through.',
      },
    },
  ],
};

export interface ChaosAgent {
  readonly folder: string;
  forget(): Promise<void>;
}

export async function writeChaosAgent({ isRecorded }: { isRecorded: boolean }): Promise<ChaosAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
  await writeFile(join(folder, 'receptionist.md'), format(isRecorded));
  return { folder, forget: () => rm(folder, { recursive: true, force: true }) };
}

const format = (isRecorded: boolean) => `---
name: receptionist
greeting: Thank you for calling Contoso. How can I help you today?
time_zone: America/Los_Angeles
models: [gpt-realtime, voice-live, cascade]
tools: [current_time, take_note, transfer_to_human, hang_up]
transfer_targets:
  sales: { numbers: ["${deskNumbers.warm}"], ring_seconds: 12 }
  workshop: { numbers: ["${deskNumbers.cold}"], ring_seconds: 12, handover: cold }
on_machine: leave-message
voicemail_message: This is Contoso. Please call us back.
silence: { after_seconds: 300 }
longest_call: { minutes: 240 }
recording: { enabled: ${isRecorded} }
---
You are the receptionist of Contoso.
`;
