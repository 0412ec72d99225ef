// Talk with an agent from this page.
import { useEffect, useRef, useState } from 'react';
import type { AgentList } from '../../shared/console-api.ts';
import { useIsOperator } from '../client-context.ts';
import { useCallStory } from '../live/use-call-story.ts';
import { formatPlace } from '../location.ts';
import { Choice } from '../parts/choice.tsx';
import { Icon } from '../parts/icons.tsx';
import { Empty, Failed, Message } from '../parts/states.tsx';
import { modelNames } from '../parts/words.ts';
import { type TalkState, type TalkWay, WebCall } from '../talk/web-call.ts';
import { useAsked } from '../use-asked.ts';
import { CallTranscript } from './call-transcript.tsx';
import { MicrophoneChoice } from './microphone-choice.tsx';

const words: Readonly<Record<TalkState, string>> = {
  asking: 'Waiting for the microphone…',
  connecting: 'Calling the agent…',
  'trying-again': 'The agent does not answer yet: trying another way…',
  talking: 'You are talking with the agent',
  reconnecting: 'The connection is being restored…',
  ended: 'The call is over',
  failed: 'The call could not go on',
};

const ways: Readonly<Record<TalkWay, string>> = {
  direct: 'Direct (WebRTC)',
  bridge: 'Through the bridge (WebSocket)',
};

interface Talk {
  readonly state: TalkState;
  readonly way?: TalkWay;
  /** Why it is not the way that was wanted. */
  readonly notice?: string | undefined;
  readonly problem?: string | undefined;
  readonly callId?: string;
  readonly hasMicrophone: boolean;
}

export function TalkScreen() {
  const { data, error, reload } = useAsked<AgentList>('/api/agents');
  const isOperator = useIsOperator();
  const call = useRef<WebCall>(undefined);
  const [talk, setTalk] = useState<Talk>();
  const [isMuted, setMuted] = useState(false);
  const [agent, setAgent] = useState('');
  const [model, setModel] = useState('');
  const [way, setWay] = useState('');
  const [deviceId, setDeviceId] = useState('');
  const meters = { caller: useRef<HTMLMeterElement>(null), agent: useRef<HTMLMeterElement>(null) };
  // Whoever leaves the screen hangs up.
  useEffect(() => () => call.current?.hangUp(), []);

  const isLive = talk !== undefined && talk.state !== 'ended' && talk.state !== 'failed';
  const start = () => {
    setMuted(false);
    setTalk({ state: 'asking', hasMicrophone: true });
    call.current = new WebCall(
      {
        agent: agent || undefined,
        model: (way !== 'direct' && model) || undefined,
        way: chooseWay({ agent, model, way }, data),
        isChosen: way !== '',
        deviceId: deviceId || undefined,
      },
      {
        onWay: (way, notice) => setTalk((before) => before && { ...before, way, notice }),
        onState: (state, problem) => setTalk((before) => ({ hasMicrophone: true, ...before, state, problem })),
        onCall: (callId) => setTalk((before) => ({ hasMicrophone: true, state: 'connecting', ...before, callId })),
        onMicrophone: (hasMicrophone) => setTalk((before) => before && { ...before, hasMicrophone }),
        // Fifty times a second: past React.
        onLevel: (side, level) => {
          const meter = meters[side].current;
          if (meter) meter.value = level;
        },
      },
    );
  };
  const mute = () => {
    if (call.current) call.current.isMuted = !isMuted;
    setMuted(!isMuted);
  };
  const choose = (id: string) => {
    setDeviceId(id);
    call.current
      ?.useMicrophone(id || undefined)
      .catch(() => setTalk((before) => before && { ...before, hasMicrophone: false }));
  };

  if (error && !data) return <Failed error={error} onRetry={reload} />;
  if (!isOperator) return <Empty title="Only operators may talk">Ask for the role operator.</Empty>;
  return (
    <>
      <div className="heading">
        <h1>Talk</h1>
      </div>
      <section className="card talk" aria-label="Your call">
        <div className="form">
          {!isLive && (
            <>
              <Choice
                name="agent"
                label="Agent"
                first={`Default (${data?.default_agent ?? '…'})`}
                options={(data?.agents ?? []).map(({ name }) => [name, name] as const)}
                value={agent}
                onChange={setAgent}
              />
              {way !== 'direct' && (
                <Choice
                  name="model"
                  label="Voice model"
                  first="As the agent prefers"
                  options={Object.entries(modelNames)}
                  value={model}
                  onChange={setModel}
                />
              )}
              <Choice
                name="way"
                label="Connection"
                first="The best there is"
                options={Object.entries(ways)}
                value={way}
                onChange={setWay}
              />
            </>
          )}
          <MicrophoneChoice value={deviceId} isOpen={isLive} onChange={choose} />
        </div>
        <p className="saying" role="status">
          {talk ? words[talk.state] : 'Nobody hears you yet'}
        </p>
        {isLive && talk.way && <p className="way">{ways[talk.way]}</p>}
        {isLive && talk.notice && <Message kind="info">{talk.notice}</Message>}
        {talk?.problem && <Message kind="error">{talk.problem}</Message>}
        {isLive && !talk.hasMicrophone && (
          <Message kind="warning">
            The microphone is gone: the agent hears nothing. Plug one in, or choose another.
          </Message>
        )}
        {isLive ? (
          <>
            <div className="meters">
              <label>
                You
                <meter ref={meters.caller} min={0} max={1} value={0} />
              </label>
              <label>
                Agent
                <meter ref={meters.agent} min={0} max={1} value={0} />
              </label>
            </div>
            <div className="actions">
              <button type="button" className="button" aria-pressed={isMuted} onClick={mute}>
                <Icon name="mute" />
                {isMuted ? 'Unmute' : 'Mute'}
              </button>
              <button type="button" className="button danger" onClick={() => call.current?.hangUp()}>
                <Icon name="hangUp" />
                Hang up
              </button>
            </div>
          </>
        ) : (
          <div className="actions">
            <button type="button" className="button primary" onClick={start}>
              <Icon name="talk" />
              {talk ? 'Talk again' : 'Start talking'}
            </button>
            {talk?.callId && <a href={formatPlace('calls', talk.callId)}>See the whole call</a>}
          </div>
        )}
      </section>
      {talk?.callId && <TalkTranscript key={talk.callId} callId={talk.callId} isLive={isLive} />}
    </>
  );
}

/** The voice service itself is the shortest way to its own model; any other is the bridge's. */
function chooseWay({ agent, model, way }: { agent: string; model: string; way: string }, list?: AgentList): TalkWay {
  if (way === 'direct' || way === 'bridge') return way;
  const profile = list?.agents.find(({ name }) => name === (agent || list.default_agent));
  return (model || profile?.models[0]) === 'gpt-realtime' ? 'direct' : 'bridge';
}

function TalkTranscript({ callId, isLive }: { callId: string; isLive: boolean }) {
  const { story } = useCallStory(callId);
  return <CallTranscript story={story} isLive={isLive} onSeek={undefined} />;
}
