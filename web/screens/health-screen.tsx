// Each part and what it depends on: whether it answers, how fast, what is wrong and what to do.
import { useCallback, useEffect, useState } from 'react';
import type { BridgeHealth, Health } from '../../shared/api.ts';
import { runtimeConfig } from '../api-client.ts';
import { useLiveCalls } from '../live/live-calls.ts';
import { Icon } from '../parts/icons.tsx';
import { formatMs } from '../parts/words.ts';

const refreshMs = 10_000;
const timeoutMs = 5_000;

const storeNames = { stream: 'Live state', leases: 'Who has which call', history: 'History' } as const;
const advice = {
  stream:
    'See REDIS_URL and the log of either part. Calls are answered all the same; what happens in them is written down when it is back.',
  leases: 'See REDIS_URL. A call may be taken by two bridges at once until it is back.',
  history: 'See COSMOS_ENDPOINT, or the disk under DATA_FOLDER. Ended calls are written down when it is back.',
} as const;

interface Probe {
  readonly tookMs: number;
  readonly report: Health | BridgeHealth | undefined;
}

async function probe(url: string): Promise<Probe> {
  const startedAt = performance.now();
  const report = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), cache: 'no-store' })
    .then((answer) => answer.json() as Promise<Health | BridgeHealth>)
    .catch(() => undefined);
  return { tookMs: performance.now() - startedAt, report };
}

export function HealthScreen() {
  const bridgeUrl = runtimeConfig.bridgeUrl.replace(/^ws/, 'http');
  const [functions, setFunctions] = useState<Probe>();
  const [bridge, setBridge] = useState<Probe>();
  const { feed } = useLiveCalls();
  const check = useCallback(() => {
    void probe('/healthz').then(setFunctions);
    void probe(`${bridgeUrl}/healthz`).then(setBridge);
  }, [bridgeUrl]);
  useEffect(() => {
    check();
    const timer = setInterval(check, refreshMs);
    return () => clearInterval(timer);
  }, [check]);
  return (
    <>
      <div className="heading">
        <h1>Health</h1>
        <button type="button" className="button" onClick={check}>
          <Icon name="health" />
          Check now
        </button>
      </div>
      <div className="charts">
        <Part
          name="Functions"
          address={location.origin}
          found={functions}
          missing="The functions app cannot be reached."
        />
        <Part
          name="Media bridge"
          address={bridgeUrl}
          found={bridge}
          missing={
            feed === 'live'
              ? 'Its health cannot be read from here, but its live feed works.'
              : 'The bridge cannot be reached: see BRIDGE_URL, and whether the container runs.'
          }
        />
      </div>
    </>
  );
}

interface PartProps {
  readonly name: string;
  readonly address: string;
  readonly found: Probe | undefined;
  readonly missing: string;
}

function Part({ name, address, found, missing }: PartProps) {
  const report = found?.report;
  const isWell = report?.status === 'ok';
  const [colour, text] = !found
    ? ['busy', 'Checking…']
    : isWell
      ? ['good', 'Well']
      : report
        ? ['bad', 'Not well']
        : ['bad', 'No answer'];
  return (
    <section className="card" aria-label={name}>
      <h2>
        {name} <span className={`badge ${colour}`}>{text}</span>
      </h2>
      <p className="sub">
        {address}
        {report && ` · answered in ${formatMs(found.tookMs)}`}
        {report && 'calls' in report && ` · ${report.calls} calls`}
      </p>
      {found && !report && <p>{missing}</p>}
      {report && (
        <ul className="checks">
          {(Object.keys(storeNames) as (keyof typeof storeNames)[]).map((store) => (
            <li key={store}>
              <span className={`badge ${report.checks[store] === 'ok' ? 'good' : 'bad'}`}>
                {report.checks[store] === 'ok' ? 'Well' : 'Down'}
              </span>{' '}
              {storeNames[store]}
              {report.checks[store] !== 'ok' && <p className="sub">{advice[store]}</p>}
            </li>
          ))}
        </ul>
      )}
      {report?.problems.map((problem) => (
        <p className="message error" key={problem}>
          {problem}
        </p>
      ))}
      {report && report.backlog.events + report.backlog.calls > 0 && (
        <p className="sub">
          Waits to be written: {report.backlog.events} events, {report.backlog.calls} calls.
        </p>
      )}
    </section>
  );
}
