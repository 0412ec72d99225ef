// Past calls: searched, filtered, sorted, page by page, and as a file for a spreadsheet.
import { useEffect, useRef, useState } from 'react';
import type { CallSummary, ListedCallSummaries } from '../../shared/api.ts';
import { callEndReasons } from '../../shared/call/call.ts';
import { ApiError, ask } from '../api-client.ts';
import { useIsOperator } from '../client-context.ts';
import { formatPlace, usePlace } from '../location.ts';
import { PhaseBadge, ReasonBadge } from '../parts/badges.tsx';
import { downloadCsv } from '../parts/call-csv.ts';
import { Icon } from '../parts/icons.tsx';
import { Empty, Failed, Loading, Message } from '../parts/states.tsx';
import { formatDay, formatLength, modelNames, nameOf } from '../parts/words.ts';
import { HistoryFilters } from './history-filters.tsx';

const pageSize = 50;
const maxExported = 5_000;

const columns = [
  { name: 'Began', sort: 'created_at' },
  // Whom calls were with is not to be found out by their order either.
  { name: 'Number', sort: 'phone_number', forOperators: true },
  { name: 'Agent', sort: 'agent' },
  { name: 'Model', sort: 'model' },
  { name: 'Length', sort: 'length' },
  { name: 'End', sort: 'end_reason' },
] as const;

function lengthOf({ connected_at: began, ended_at: ended }: CallSummary): number | undefined {
  return began && ended ? Date.parse(ended) - Date.parse(began) : undefined;
}

export function HistoryScreen() {
  const { query } = usePlace();
  const asked = query.toString();
  const { calls, next, error, isLoading, incomplete, more, reload } = usePages(asked);
  const [exported, setExported] = useState<string>();
  const isOperator = useIsOperator();
  const sorted = query.get('sort') ?? 'created_at';
  const isUp = query.get('order') === 'asc';
  const change = (changed: URLSearchParams) => {
    location.hash = formatPlace('history', undefined, changed);
  };
  const sortBy = (sort: string) => {
    const changed = new URLSearchParams(query);
    changed.set('sort', sort);
    // As they are most often wanted: the newest and the longest first, names from A on.
    const isUpFirst = sort !== 'created_at' && sort !== 'length';
    changed.set('order', (sort === sorted ? !isUp : isUpFirst) ? 'asc' : 'desc');
    change(changed);
  };

  async function exportAll(): Promise<void> {
    setExported('Collecting calls…');
    try {
      const all = await readAll(asked);
      downloadCsv(all, 'parley-calls.csv');
      setExported(`${all.length} calls were saved.`);
    } catch (problem) {
      setExported(problem instanceof ApiError ? problem.message : 'The file could not be made.');
    }
  }

  return (
    <>
      <div className="heading">
        <h1>History</h1>
        <button type="button" className="button" onClick={() => void exportAll()} disabled={calls.length === 0}>
          <Icon name="download" />
          Export CSV
        </button>
      </div>
      <HistoryFilters query={query} reasons={callEndReasons} onChange={change} />
      <div aria-live="polite">{exported && <Message kind="info">{exported}</Message>}</div>
      {incomplete && (
        <Message kind="warning">
          {incomplete === 'history'
            ? 'The history cannot be read now: only calls of the last hour are listed.'
            : 'Live calls cannot be read now: these are as they were kept last.'}
        </Message>
      )}
      {error && calls.length === 0 && <Failed error={error} onRetry={reload} />}
      {error && calls.length > 0 && <Message kind="error">{error.message}</Message>}
      {isLoading && calls.length === 0 && <Loading what="calls" />}
      {!isLoading && !error && calls.length === 0 && (
        <Empty title="No calls found">
          {asked ? 'Nothing fits these filters.' : 'Calls are kept here once they begin.'}
        </Empty>
      )}
      {calls.length > 0 && (
        <section className="table" tabIndex={0} aria-label="Calls">
          <table>
            <thead>
              <tr>
                {columns.map(({ name, sort, ...column }) => {
                  const isSorted = sorted === sort;
                  if ('forOperators' in column && !isOperator)
                    return (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    );
                  return (
                    <th key={name} scope="col" aria-sort={isSorted ? (isUp ? 'ascending' : 'descending') : 'none'}>
                      <button type="button" onClick={() => sortBy(sort)}>
                        {name}
                        <span aria-hidden="true">{isSorted ? (isUp ? ' ↑' : ' ↓') : ''}</span>
                      </button>
                    </th>
                  );
                })}
              </tr>
            </thead>
            <tbody>
              {calls.map((call) => (
                <HistoryRow key={call.call_id} call={call} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {next && (
        <button type="button" className="button more" onClick={more} disabled={isLoading}>
          {isLoading ? 'Loading…' : 'Show more'}
        </button>
      )}
    </>
  );
}

function HistoryRow({ call }: { call: CallSummary }) {
  const length = lengthOf(call);
  return (
    <tr>
      <td>
        <a href={formatPlace('calls', call.call_id)}>{call.created_at ? formatDay(call.created_at) : call.call_id}</a>
      </td>
      <td className="number">
        <span aria-hidden="true">{call.direction === 'outbound' ? '↗ ' : '↘ '}</span>
        {call.phone_number ?? '–'}
      </td>
      <td>{call.agent ?? '–'}</td>
      <td>{nameOf(modelNames, call.model)}</td>
      <td className="number">{length === undefined ? '–' : formatLength(length)}</td>
      <td>{call.status === 'ended' ? <ReasonBadge reason={call.end_reason} /> : <PhaseBadge phase={call.status} />}</td>
    </tr>
  );
}

interface Pages {
  readonly calls: readonly CallSummary[];
  readonly next?: string | undefined;
  readonly incomplete?: ListedCallSummaries['incomplete'];
}

function usePages(asked: string) {
  const [pages, setPages] = useState<Pages>({ calls: [] });
  const [error, setError] = useState<ApiError>();
  const [isLoading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const current = useRef(0);
  const read = async (next?: string) => {
    const turn = ++current.current;
    setLoading(true);
    try {
      const page = await ask<ListedCallSummaries>(formatListPath(asked, next));
      if (turn !== current.current) return;
      setError(undefined);
      setPages((before) => ({ ...page, calls: next ? [...before.calls, ...page.calls] : page.calls, next: page.next }));
    } catch (problem) {
      if (turn === current.current) setError(problem as ApiError);
    } finally {
      if (turn === current.current) setLoading(false);
    }
  };
  useEffect(() => {
    setPages({ calls: [] });
    void read();
    return () => {
      current.current += 1;
    };
  }, [asked, round]);
  return { ...pages, error, isLoading, more: () => void read(pages.next), reload: () => setRound((n) => n + 1) };
}

function formatListPath(asked: string, next: string | undefined): string {
  const query = new URLSearchParams(asked);
  for (const end of ['from', 'to']) {
    const day = query.get(end);
    // A day by the clock of whoever looks; up to its end.
    if (day) query.set(end, new Date(`${day}T${end === 'to' ? '23:59:59.999' : '00:00'}`).toISOString());
  }
  query.set('limit', String(pageSize));
  if (next) query.set('next', next);
  return `/api/calls?${query}`;
}

async function readAll(asked: string): Promise<readonly CallSummary[]> {
  const all: CallSummary[] = [];
  let next: string | undefined;
  do {
    const page: ListedCallSummaries = await ask(formatListPath(asked, next));
    all.push(...page.calls);
    next = page.next;
  } while (next && all.length < maxExported);
  return all;
}
