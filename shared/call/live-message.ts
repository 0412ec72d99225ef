// What those who watch a call are sent: its events in the console's terms.
import type { CallPhase, Speaker } from './call.ts';
import type { CallEvent, PartialTranscript } from './call-event.ts';
import { maskNumber } from './masked-number.ts';

export type LiveMessage = { call_id: string; at: number } & (
  | { type: 'status'; status: CallPhase; reason?: string }
  | { type: 'transcript'; role: Speaker; text: string; final: boolean; interrupted?: boolean; unheard?: string }
  | { type: 'event'; event: CallEvent['type']; details: Record<string, unknown> }
);

/** As the feed sends it: `seq` grows by one with each, and a ping says that there was nothing to tell. */
export type FeedMessage = (LiveMessage | { type: 'ping'; at: number }) & { readonly seq: number };

/** One event may change the status and be worth telling itself. */
export function formatLiveMessages(live: CallEvent): readonly LiveMessage[] {
  const base = { call_id: live.callId, at: live.at };
  switch (live.type) {
    case 'turn-finished': {
      const { role, text, interrupted, unheard } = live;
      return [
        {
          ...base,
          type: 'transcript',
          role,
          text,
          final: true,
          interrupted,
          ...(unheard !== undefined && { unheard }),
        },
      ];
    }
    case 'call-created':
      // Who it is comes before how it stands: watchers decide by the first whether they care for the second.
      return [told(live), { ...base, type: 'status', status: live.direction === 'inbound' ? 'ringing' : 'dialling' }];
    case 'call-ringing':
      return [{ ...base, type: 'status', status: 'ringing' }];
    case 'call-connected':
      return [{ ...base, type: 'status', status: 'active' }];
    case 'transfer-started':
      return [{ ...base, type: 'status', status: 'transferring' }, told(live)];
    case 'transfer-failed':
      return [{ ...base, type: 'status', status: 'active' }, told(live)];
    case 'tool-called': {
      // What was looked up is for the model: it may hold more of a person than the conversation does.
      const { input: _input, output: _output, ...shown } = live;
      return [told(shown)];
    }
    case 'tool-asked':
    case 'tool-answered':
      return [];
    case 'call-ended':
    // The same once more, and why in truth.
    case 'end-corrected':
      return [{ ...base, type: 'status', status: 'ended', reason: live.reason }];
    default:
      return [told(live)];
  }
}

export function formatPartial({ callId, at, role, text }: PartialTranscript): LiveMessage {
  return { call_id: callId, at, type: 'transcript', role, text, final: false };
}

/** For those who may see that somebody calls, and not who. */
export function maskNumbers(message: LiveMessage): LiveMessage {
  if (message.type !== 'event' || message.event !== 'call-created') return message;
  const { remoteParty } = message.details;
  return { ...message, details: { ...message.details, remoteParty: maskNumber(String(remoteParty)) } };
}

function told({ id: _id, callId, at, type, ...details }: CallEvent): LiveMessage {
  return { call_id: callId, at, type: 'event', event: type, details };
}
