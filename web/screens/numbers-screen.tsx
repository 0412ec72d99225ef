// The calls of some hours in numbers: how many, how they ended, how long callers waited, what went wrong.
import { useState } from 'react';
import type { Percentiles, Statistics } from '../../shared/console-api.ts';
import { BarChart } from '../parts/bar-chart.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty, Failed, Loading, Message } from '../parts/states.tsx';
import { formatLength, formatMs, formatWords, modelNames, nameOf } from '../parts/words.ts';
import { useAsked } from '../use-asked.ts';

const spans = [
  ['24', 'Last day'],
  ['168', 'Last week'],
  ['744', 'Last month'],
] as const;
const refreshMs = 30_000;
const hourFormat = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });

export function NumbersScreen() {
  const [hours, setHours] = useState('24');
  const { data, error, reload } = useAsked<Statistics>(`/api/statistics?hours=${hours}`, refreshMs);
  return (
    <>
      <div className="heading">
        <h1>Numbers</h1>
        <Choice
          name="hours"
          label="Time"
          first="Choose…"
          options={spans}
          value={hours}
          onChange={(value) => setHours(value || '24')}
        />
      </div>
      {error && data && <Message kind="warning">{error.message}</Message>}
      {!data && (error ? <Failed error={error} onRetry={reload} /> : <Loading what="numbers" />)}
      {data &&
        (data.calls === 0 ? (
          <Empty title="No calls in this time">Numbers appear with the first call.</Empty>
        ) : (
          <Charts data={data} />
        ))}
    </>
  );
}

function Charts({ data }: { data: Statistics }) {
  const replies = data.reply_ms;
  const share = data.turns === 0 ? 0 : Math.round((100 * data.barge_ins) / data.turns);
  return (
    <>
      {data.is_cut && <Message kind="info">There were more calls: the newest {data.calls} are counted.</Message>}
      <dl className="tiles">
        <Tile name="Calls" value={String(data.calls)} />
        <Tile name="Talked" value={formatLength(data.talked_seconds * 1000)} />
        <Tile name="Answer, median" value={replies ? formatMs(replies.p50) : '–'} />
        <Tile name="Answer, 95 of 100" value={replies ? formatMs(replies.p95) : '–'} />
        <Tile name="Barge-ins" value={`${data.barge_ins} (${share} %)`} />
        <Tile name="Failovers" value={String(data.failovers)} />
      </dl>
      <div className="charts">
        <section className="card">
          <h2>Calls by hour</h2>
          <BarChart
            label="Calls by hour"
            bars={data.by_hour.map(({ hour, inbound, outbound }) => ({
              name: hourFormat.format(new Date(hour)),
              parts: [
                { name: 'Inbound', value: inbound, className: 'agent' },
                { name: 'Outbound', value: outbound, className: 'caller' },
              ],
            }))}
          />
        </section>
        <section className="card">
          <h2>How they ended</h2>
          <ul className="bars">
            {data.by_reason.map(({ reason, calls }) => (
              <li key={reason}>
                <span>{formatWords(reason)}</span>
                <meter min={0} max={data.calls} value={calls} aria-label={formatWords(reason)} />
                <b>{calls}</b>
              </li>
            ))}
          </ul>
        </section>
        <section className="card">
          <h2>How long callers waited for an answer</h2>
          {replies ? (
            <section className="scroll" tabIndex={0} aria-label="Percentiles">
              <LatencyTable all={replies} byModel={data.reply_ms_by_model} />
            </section>
          ) : (
            <p className="sub">Nothing was measured yet.</p>
          )}
        </section>
      </div>
    </>
  );
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div className="card tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function LatencyTable({ all, byModel }: { all: Percentiles; byModel: Statistics['reply_ms_by_model'] }) {
  const rows: readonly (readonly [string, Percentiles])[] = [
    ['All', all],
    ...byModel.map(({ model, reply_ms: measured }) => [nameOf(modelNames, model), measured] as const),
  ];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">Answers</th>
          <th scope="col">50 %</th>
          <th scope="col">90 %</th>
          <th scope="col">95 %</th>
          <th scope="col">99 %</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, { count, p50, p90, p95, p99 }]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="number">{count}</td>
            {[p50, p90, p95, p99].map((value, index) => (
              <td className="number" key={index}>
                {formatMs(value)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
