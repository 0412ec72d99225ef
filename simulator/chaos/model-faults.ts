// What voice models do on a bad day: mute, garbled, closing, expiring, throttled; the realtime services, Speech and chat.

import type { ChatFault } from '../chat/chat-faults.ts';
import type { RealtimeFaults } from '../realtime/realtime-faults.ts';
import type { SpeechFaults } from '../speech/speech-faults.ts';
import { type Faults, type Strike, turn } from './fault.ts';

const realtime: Readonly<Record<string, () => Partial<RealtimeFaults>>> = {
  mute: () => ({ withhold: () => true }),
  garbled: () => ({ garble: (type) => (type.endsWith('audio.delta') ? 'cut-off' : undefined) }),
  closing: () => ({ killAt: { event: 'response.created', code: 1011 } }),
  'breaking off': () => ({ killAt: { event: 'response.output_audio.delta', code: 1006 } }),
  expiring: () => ({ sessionMs: 15_000 }),
  throttled: () => ({ refuseUpgrade: { status: 429, times: Number.POSITIVE_INFINITY } }),
  'not answering': () => ({ holdUpgrades: true }),
  'failing replies': () => ({ failResponses: 2 }),
  'stuck in replies': () => ({ stuckResponses: 2 }),
  'breaking replies': () => ({ breakResponses: 2 }),
  'slow to speak': () => ({ slowFirstAudioMs: 2_500 }),
  trickling: () => ({ trickle: { pieceMs: 100, everyMs: 300 } }),
  'late in stopping': () => ({ lateDeltas: 20 }),
};

const speech: Readonly<Record<string, Partial<SpeechFaults>>> = {
  refused: { refuse: 429 },
  'slow to accept': { slowAcceptMs: 2_500 },
  deaf: { recognition: 'mute' },
  mute: { synthesis: 'mute' },
  'half open': { recognition: 'dead', synthesis: 'dead' },
  trickling: { trickle: { pieceMs: 100, everyMs: 300 } },
};

const chat: Readonly<Record<string, ChatFault>> = {
  'answering 500': { kind: 'status', status: 500 },
  'answering 429': { kind: 'status', status: 429 },
  'breaking off': { kind: 'broken', afterTokens: 3 },
  stalling: { kind: 'stalled', afterTokens: 3 },
  empty: { kind: 'empty' },
};

const named = (subject: string, strikes: Readonly<Record<string, Strike>>): Faults =>
  Object.fromEntries(Object.entries(strikes).map(([what, strike]) => [`${subject} ${what}`, strike]));

const mapped = <Entry>(entries: Readonly<Record<string, Entry>>, strike: (entry: Entry) => Strike) =>
  Object.fromEntries(Object.entries(entries).map(([what, entry]) => [what, strike(entry)]));

export const modelFaults: Faults = {
  ...named(
    'realtime models',
    mapped(realtime, (wanted) => ({ standIns }) => {
      const switches = wanted();
      return { ...turn(standIns.realtime.faults, switches), isHalting: switches.trickle !== undefined };
    }),
  ),
  ...named(
    'Speech',
    mapped(speech, (wanted) => ({ standIns }) => ({
      ...turn(standIns.speech.faults, wanted),
      isHalting: wanted.trickle !== undefined,
    })),
  ),
  ...named(
    'chat',
    mapped(
      chat,
      (fault) =>
        (
          {
            standIns: {
              chat: { faults },
            },
          },
          random,
        ) => {
          for (let n = random.integer(1, 4); n > 0; n--) faults.next.push(fault);
          return { undo: () => void faults.next.splice(0) };
        },
    ),
  ),
};
