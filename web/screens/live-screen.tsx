// Every live call, coming and going by itself, and the form that places one.
import { useState } from 'react';
import { useIsOperator } from '../client-context.ts';
import { type LiveCall, useLiveCalls } from '../live/live-calls.ts';
import { formatPlace } from '../location.ts';
import { PhaseBadge } from '../parts/badges.tsx';
import { Icon } from '../parts/icons.tsx';
import { Empty, Loading, Message } from '../parts/states.tsx';
import { useNow } from '../parts/use-now.ts';
import { carrierNames, formatLength, formatWords, modelNames, nameOf } from '../parts/words.ts';
import { DialForm } from './dial-form.tsx';

function countCalls(live: number): string {
  if (live === 0) return 'Nobody is on the phone';
  return live === 1 ? '1 call now' : `${live} calls now`;
}

export function LiveScreen() {
  const { calls, feed, problem, isComplete } = useLiveCalls();
  const isOperator = useIsOperator();
  const [isDialling, setDialling] = useState(false);
  const live = calls.filter(({ leftAt }) => !leftAt).length;
  return (
    <>
      <div className="heading">
        <div>
          <h1>Live calls</h1>
          <p className="sub" role="status">
            {isComplete ? countCalls(live) : ''}
          </p>
        </div>
        {isOperator && (
          <button
            type="button"
            className="button primary"
            aria-expanded={isDialling}
            onClick={() => setDialling(!isDialling)}
          >
            <Icon name="dial" />
            Place a call
          </button>
        )}
      </div>
      {feed === 'refused' && <Message kind="error">{problem}</Message>}
      {(feed === 'reconnecting' || feed === 'offline') && (
        <Message kind="warning">
          {feed === 'offline' ? 'This device is offline.' : 'The live feed is being restored.'} What you see may be some
          seconds old; nothing will be missing once it is back.
        </Message>
      )}
      {isDialling && <DialForm onClose={() => setDialling(false)} />}
      {!isComplete && feed !== 'refused' && <Loading what="live calls" />}
      {isComplete && calls.length === 0 && <Empty title="No live calls">Calls appear here as soon as they ring.</Empty>}
      {calls.length > 0 && (
        <ul className="cards" aria-label="Live calls">
          {calls.map((call) => (
            <LiveCard key={call.call_id} call={call} />
          ))}
        </ul>
      )}
    </>
  );
}

function LiveCard({ call }: { call: LiveCall }) {
  const now = useNow(call.status !== 'ended');
  const began = Date.parse(call.connected_at ?? call.created_at ?? '');
  const until = call.ended_at ? Date.parse(call.ended_at) : now;
  const facts = [
    call.direction === 'outbound' ? 'Outbound' : 'Inbound',
    call.agent ?? 'no agent',
    nameOf(carrierNames, call.carrier),
    nameOf(modelNames, call.model),
  ];
  return (
    <li className={`card call ${call.leftAt ? 'leaving' : ''}`}>
      <a href={formatPlace('calls', call.call_id)} className="cover number">
        {call.phone_number ?? 'Unknown number'}
      </a>
      <PhaseBadge phase={call.status} />
      <span className="length">{Number.isNaN(began) ? '' : formatLength(until - began)}</span>
      <p className="facts">{facts.join(' · ')}</p>
      <LastWords call={call} />
    </li>
  );
}

function LastWords({ call: { lastWords, end_reason: reason } }: { call: LiveCall }) {
  if (lastWords)
    return (
      <p className="last">
        <b>{lastWords.role === 'agent' ? 'Agent' : 'Caller'}</b> {lastWords.text}
      </p>
    );
  return <p className="last">{reason ? formatWords(reason) : 'Nothing was said yet'}</p>;
}
