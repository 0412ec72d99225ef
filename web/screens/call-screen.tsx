// One call: what is said as it is said, what happened between, what it sounded like, and what an operator may do about it.
import { useEffect, useMemo, useRef } from 'react';
import type { CallDetail } from '../../shared/api.ts';
import { useIsOperator } from '../client-context.ts';
import { addToStory, type CallStory, emptyStory } from '../live/call-story.ts';
import { useCallStory } from '../live/use-call-story.ts';
import { formatPlace } from '../location.ts';
import { PhaseBadge, ReasonBadge } from '../parts/badges.tsx';
import { Icon } from '../parts/icons.tsx';
import { Failed, Loading, Message } from '../parts/states.tsx';
import { useNow } from '../parts/use-now.ts';
import { carrierNames, formatDay, formatLength, modelNames, nameOf } from '../parts/words.ts';
import { useAsked } from '../use-asked.ts';
import { CallActions } from './call-actions.tsx';
import { CallRecording, NoRecording } from './call-recording.tsx';
import { CallTranscript } from './call-transcript.tsx';

export function CallScreen({ callId }: { callId: string }) {
  const { story: live, feed, problem } = useCallStory(callId);
  const path = `/api/calls/${encodeURIComponent(callId)}`;
  const { data: detail, error, reload } = useAsked<CallDetail>(path);
  const isOperator = useIsOperator();
  const player = useRef<HTMLAudioElement>(null);
  // The live events of a call are forgotten some time after its end: then its record tells it.
  const story = useMemo(() => (live.entries.length > 0 || !detail ? live : retell(detail)), [live, detail]);
  const status = story.status ?? detail?.status;
  // What follows from the end, an outcome and a recording, is known a little later.
  useEffect(() => {
    if (live.status !== 'ended') return;
    const timers = [1_000, 6_000, 20_000].map((ms) => setTimeout(reload, ms));
    return () => timers.forEach(clearTimeout);
  }, [live.status, reload]);

  if (error && !detail && story.entries.length === 0) return <Failed error={error} onRetry={reload} />;
  if (!status) return <Loading what="the call" />;
  const seek = (at: number) => {
    const audio = player.current;
    const startedAt = detail?.recording?.started_at;
    if (!audio || !startedAt) return;
    audio.currentTime = Math.max(0, (at - Date.parse(startedAt)) / 1000);
    void audio.play().catch(() => {});
  };
  return (
    <>
      <CallHeading story={story} detail={detail} status={status} />
      {(feed === 'reconnecting' || feed === 'offline') && status !== 'ended' && (
        <Message kind="warning">The live feed is being restored. What is said meanwhile will be told then.</Message>
      )}
      {feed === 'refused' && <Message kind="error">{problem}</Message>}
      {isOperator && status !== 'ended' && (
        <CallActions callId={callId} agent={detail?.agent} canTransfer={status === 'active'} />
      )}
      <CallOutcome detail={detail} />
      {detail?.carrier === 'web' && !detail.recording?.files.length ? (
        <NoRecording />
      ) : (
        detail?.recording && <CallRecording recording={detail.recording} story={story} player={player} />
      )}
      <CallTranscript
        story={story}
        isLive={status !== 'ended'}
        onSeek={detail?.recording?.files.length ? seek : undefined}
      />
    </>
  );
}

interface CallHeadingProps {
  readonly story: CallStory;
  readonly detail: CallDetail | undefined;
  readonly status: string;
}

function CallHeading({ story, detail, status }: CallHeadingProps) {
  const now = useNow(status !== 'ended');
  const created = story.created as Record<string, string> | undefined;
  const began = story.connectedAt ?? story.startedAt;
  const until = story.endedAt ?? now;
  const direction = created?.direction ?? detail?.direction;
  const facts: [name: string, value: string][] = [
    ['Direction', direction === 'outbound' ? 'Outbound' : 'Inbound'],
    ['Agent', created?.agent ?? detail?.agent ?? '–'],
    ['Carrier', nameOf(carrierNames, created?.carrier ?? detail?.carrier)],
    ['Model', nameOf(modelNames, story.model ?? detail?.model)],
    ['Began', story.startedAt ? formatDay(story.startedAt) : '–'],
    ['Length', began ? formatLength(until - began) : '–'],
  ];
  return (
    <>
      <a className="back" href={status === 'ended' ? formatPlace('history') : formatPlace('live')}>
        <Icon name="back" />
        {status === 'ended' ? 'History' : 'Live calls'}
      </a>
      <div className="heading">
        <h1>
          {created?.remoteParty && created.remoteParty !== 'unknown'
            ? created.remoteParty
            : (detail?.phone_number ?? 'Call')}
        </h1>
        <div className="badges">
          <PhaseBadge phase={status} />
          {status === 'ended' && <ReasonBadge reason={story.reason ?? detail?.end_reason} />}
        </div>
      </div>
      <dl className="facts grid">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function CallOutcome({ detail }: { detail: CallDetail | undefined }) {
  const outcome = detail?.outcome;
  const notes = detail?.notes ?? [];
  const fields = Object.entries(outcome?.fields ?? {}).filter(([, { value }]) => value !== null);
  const summary = outcome?.summary?.value;
  if (!summary && notes.length === 0 && fields.length === 0) return null;
  return (
    <section className="card outcome" aria-label="What came of it">
      <h2>What came of it</h2>
      {summary && <p>{summary}</p>}
      {outcome?.next_action?.value && <p>Next: {outcome.next_action.value}</p>}
      {fields.length > 0 && (
        <dl className="facts grid">
          {fields.map(([name, { value }]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {notes.length > 0 && (
        <ul className="notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** From the record of a call, in the words of its feed. */
function retell(detail: CallDetail): CallStory {
  const base = (at: string) => ({ call_id: detail.call_id, at: Date.parse(at) });
  const said = detail.turns.map(
    ({ at, ...turn }) => ({ ...base(at), type: 'transcript', final: true, ...turn }) as const,
  );
  const done = detail.tools.map(({ at, name, ok, took_ms: tookMs }) => {
    return { ...base(at), type: 'event', event: 'tool-called', details: { name, ok, tookMs } } as const;
  });
  const story = [...said, ...done].sort((a, b) => a.at - b.at).reduce(addToStory, emptyStory);
  const at = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));
  return {
    ...story,
    status: detail.status,
    reason: detail.end_reason,
    model: detail.model,
    startedAt: at(detail.created_at) ?? story.startedAt,
    connectedAt: at(detail.connected_at),
    endedAt: at(detail.ended_at),
  };
}
