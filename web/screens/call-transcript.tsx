// What was said and what happened, in the order of time; what the caller did not hear is struck through.
import { useEffect, useRef, useState } from 'react';
import type { CallStory, Happening, SpokenTurn } from '../live/call-story.ts';
import { formatMs, formatTime, formatWords, modelNames, nameOf } from '../parts/words.ts';
import { TurnWaterfall } from './turn-waterfall.tsx';

/** About what a voice takes for a letter: turns are written down when they end. */
const msPerCharacter = 62;

export interface CallTranscriptProps {
  readonly story: CallStory;
  readonly isLive: boolean;
  /** Undefined where there is no recording to go to. */
  readonly onSeek: ((at: number) => void) | undefined;
}

export function CallTranscript({ story, isLive, onSeek }: CallTranscriptProps) {
  const end = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const { entries, partials } = story;
  const speaking = Object.values(partials);
  useEffect(() => {
    if (isLive && isFollowing) end.current?.scrollIntoView({ block: 'end' });
  }, [entries, partials, isLive, isFollowing]);
  return (
    <section aria-label="Transcript">
      <div className="heading small">
        <h2>Transcript</h2>
        {isLive && (
          <label className="check">
            <input type="checkbox" checked={isFollowing} onChange={(event) => setFollowing(event.target.checked)} />
            Follow
          </label>
        )}
      </div>
      <ol className="transcript" aria-live={isLive ? 'polite' : 'off'} aria-relevant="additions">
        {entries.length === 0 && speaking.length === 0 && <li className="happening">Nothing was said yet.</li>}
        {entries.map((entry) =>
          entry.kind === 'turn' ? (
            <Turn key={entry.key} turn={entry} onSeek={onSeek} />
          ) : (
            <Event key={entry.key} entry={entry} />
          ),
        )}
        {speaking.map((turn) => (
          <Turn key={`speaking-${turn.role}`} turn={turn} onSeek={undefined} />
        ))}
      </ol>
      <div ref={end} />
    </section>
  );
}

function Turn({ turn, onSeek }: { turn: SpokenTurn; onSeek: CallTranscriptProps['onSeek'] }) {
  const { role, text, unheard, isFinal, interrupted, at } = turn;
  return (
    <li className={`turn ${role} ${isFinal ? '' : 'partial'}`}>
      <span className="who">
        {role === 'agent' ? 'Agent' : 'Caller'} <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>
      </span>
      <p>
        {onSeek ? <SeekableWords text={text} endsAt={at} onSeek={onSeek} /> : text}
        {unheard && (
          <>
            {' '}
            <del title="The caller did not hear this">{unheard}</del>
          </>
        )}
        {interrupted && <span className="mark"> interrupted</span>}
      </p>
    </li>
  );
}

function SeekableWords({ text, endsAt, onSeek }: { text: string; endsAt: number; onSeek: (at: number) => void }) {
  const beganAt = endsAt - text.length * msPerCharacter;
  let position = 0;
  const words = text.split(/(?<=\s)/).map((word) => {
    const at = beganAt + position * msPerCharacter;
    position += word.length;
    return { word, at };
  });
  return words.map(({ word, at }) => (
    <button type="button" className="word" key={at} onClick={() => onSeek(at)}>
      {word}
    </button>
  ));
}

function Event({ entry }: { entry: Happening }) {
  if (entry.event === 'reply-timed') return <TurnWaterfall details={entry.details} />;
  const { input, output } = entry.details;
  return (
    <li className={`happening ${entry.event}`}>
      <time dateTime={new Date(entry.at).toISOString()}>{formatTime(entry.at)}</time> {describe(entry)}
      {(input !== undefined || output !== undefined) && (
        <details>
          <summary>Input and output</summary>
          <pre>{formatData(input)}</pre>
          <pre>{formatData(output)}</pre>
        </details>
      )}
    </li>
  );
}

function formatData(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}

const soundNames: Readonly<Record<string, string>> = {
  hum: 'hummed',
  noise: 'made a sound',
  aside: 'spoke to somebody else',
};

function describeBackchannel(sound: string, words: string): string {
  return words === '' ? `The caller ${soundNames[sound] ?? 'was listening'}` : `The caller, listening: “${words}”`;
}

function describe({ event, details }: Happening): string {
  const text = (name: string) => String(details[name] ?? '');
  switch (event) {
    case 'call-created':
      if (details.carrier === 'web') return 'A page in a browser calls';
      return details.direction === 'outbound' ? 'The call is being placed' : 'The phone rings';
    case 'media-started':
      return 'The line is open';
    case 'media-stopped':
      return details.clean ? 'The line is closed' : 'The line was lost';
    case 'model-opened':
      return `${nameOf(modelNames, text('model'))} took over in ${formatMs(Number(details.tookMs))}`;
    case 'model-lost':
      return `${nameOf(modelNames, text('model'))} was lost (${text('code')})`;
    case 'agent-interrupted':
      return `The caller interrupted after ${formatMs(Number(details.heardMs))} of the reply; it stopped in ${formatMs(Number(details.stopMs))}`;
    case 'backchannel':
      return describeBackchannel(text('sound'), text('text'));
    case 'dtmf-received':
      return `The caller pressed ${text('digit')}`;
    case 'tool-called':
      return `${details.ok ? 'Used' : 'Failed to use'} ${text('name')} in ${formatMs(Number(details.tookMs))}`;
    case 'note-taken':
      return `Noted: ${text('text')}`;
    case 'answered-by':
      return `Answered by ${text('answeredBy') === 'unknown' ? 'somebody or something' : `a ${text('answeredBy')}`}`;
    case 'hang-up-requested':
      return details.by === 'operator' ? 'An operator hangs up' : 'The agent hangs up';
    case 'operator-acted':
      return `${formatWords(text('action'))} by ${text('who')}`;
    case 'transfer-ordered':
    case 'transfer-requested':
      return `To be handed over to ${text('target')}`;
    case 'transfer-started':
      return `Ringing ${text('target')}`;
    case 'transfer-answered':
      return 'Somebody took the call over';
    case 'transfer-failed':
      return `The transfer failed (${text('code')})`;
    default:
      return formatWords(event);
  }
}
