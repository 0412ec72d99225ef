// The recording of a call: both sides drawn on one clock with the words, and played.
import { type RefObject, useEffect, useState } from 'react';
import type { Peaks, RecordingDetail } from '../../shared/api.ts';
import type { CallStory } from '../live/call-story.ts';
import { Waveform } from '../parts/waveform.tsx';
import { formatWords } from '../parts/words.ts';
import { useAsked } from '../use-asked.ts';

export interface CallRecordingProps {
  readonly recording: RecordingDetail;
  readonly story: CallStory;
  readonly player: RefObject<HTMLAudioElement | null>;
}

export function CallRecording({ recording, story, player }: CallRecordingProps) {
  const { data: peaks } = useAsked<Peaks>(recording.peaks_url);
  const [playedMs, setPlayedMs] = useState(0);
  const file = recording.files[0];
  useEffect(() => {
    const audio = player.current;
    if (!audio) return;
    const tell = () => setPlayedMs(audio.currentTime * 1000);
    audio.addEventListener('timeupdate', tell);
    return () => audio.removeEventListener('timeupdate', tell);
  });
  const startedAt = Date.parse(recording.started_at ?? peaks?.started_at ?? '');
  const turns = story.entries.flatMap((entry) =>
    entry.kind === 'turn' ? [{ atMs: entry.at - startedAt, role: entry.role }] : [],
  );
  const seek = (ms: number) => {
    if (player.current) player.current.currentTime = ms / 1000;
  };
  return (
    <section className="card recording" aria-label="Recording">
      <h2>Recording</h2>
      {peaks && <Waveform peaks={peaks} playedMs={playedMs} turns={turns} onSeek={file ? seek : undefined} />}
      {file ? (
        // biome-ignore lint/a11y/useMediaCaption: the transcript below says every word
        <audio ref={player} src={file.url} controls preload="metadata" />
      ) : (
        <p className="sub">{formatWords(recording.status)}</p>
      )}
    </section>
  );
}

/** Of a call from a page. */
export function NoRecording() {
  return (
    <section className="card recording" aria-label="Recording">
      <h2>Recording</h2>
      <p className="sub">
        There is no recording and no waveform of a call from a browser: carriers make recordings, and this call had
        none. What was said stands below.
      </p>
    </section>
  );
}
