// How a call stands and why it ended, as coloured words; and whether what is on the screen is what happens now.
import { useLiveCalls } from '../live/live-calls.ts';
import type { FeedState } from '../live/live-socket.ts';
import { formatWords } from './words.ts';

const colours: Readonly<Record<string, string>> = {
  active: 'good',
  ringing: 'busy',
  dialling: 'busy',
  transferring: 'busy',
  ended: 'quiet',
};

export function PhaseBadge({ phase }: { phase: string }) {
  return <span className={`badge ${colours[phase] ?? 'quiet'}`}>{formatWords(phase)}</span>;
}

const happyReasons = new Set(['caller-hung-up', 'agent-hung-up', 'operator-hung-up', 'transferred', 'voicemail']);

export function ReasonBadge({ reason }: { reason: string | undefined }) {
  if (reason === undefined) return <span>–</span>;
  return <span className={`badge ${happyReasons.has(reason) ? 'quiet' : 'bad'}`}>{formatWords(reason)}</span>;
}

const feedWords: Readonly<Record<FeedState, readonly [text: string, colour: string]>> = {
  connecting: ['Connecting…', 'busy'],
  live: ['Live', 'good'],
  reconnecting: ['Reconnecting…', 'busy'],
  offline: ['Offline', 'bad'],
  refused: ['Not signed in', 'bad'],
};

export function FeedBadge() {
  const { feed } = useLiveCalls();
  const [text, colour] = feedWords[feed];
  return (
    <span className={`badge feed ${colour}`} role="status">
      {text}
    </span>
  );
}
