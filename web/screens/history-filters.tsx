// Which of the past calls: the filters stand in the address, so that a search can be kept and sent to somebody.
import { useEffect, useState } from 'react';
import type { AgentList } from '../../shared/console-api.ts';
import { useIsOperator } from '../client-context.ts';
import { Choice } from '../parts/choice.tsx';
import { formatWords } from '../parts/words.ts';
import { useAsked } from '../use-asked.ts';

/** Whoever types is asked for once they pause. */
const typingPauseMs = 350;

export interface HistoryFiltersProps {
  readonly query: URLSearchParams;
  readonly reasons: readonly string[];
  readonly onChange: (query: URLSearchParams) => void;
}

const outcomes = ['pending', 'ready', 'failed', 'skipped'];

export function HistoryFilters({ query, reasons, onChange }: HistoryFiltersProps) {
  const { data } = useAsked<AgentList>('/api/agents');
  const isOperator = useIsOperator();
  const set = (name: string, value: string) => {
    const changed = new URLSearchParams(query);
    if (value) changed.set(name, value);
    else changed.delete(name);
    if (changed.toString() !== query.toString()) onChange(changed);
  };
  const get = (name: string) => query.get(name) ?? '';
  const agents = (data?.agents ?? []).map(({ name }) => [name, name] as const);
  const named = (codes: readonly string[]) => codes.map((code) => [code, formatWords(code)] as const);
  return (
    <search className="filters">
      <Typed
        label="Words"
        placeholder="Said, noted or summed up"
        value={get('text')}
        minLength={2}
        onChange={(text) => set('text', text)}
      />
      {isOperator && (
        <Typed
          label="Number"
          placeholder="+1 555 0101"
          value={get('phone_number')}
          minLength={4}
          onChange={(text) => set('phone_number', text)}
        />
      )}
      <label>
        From
        <input type="date" value={get('from')} max={get('to')} onChange={(event) => set('from', event.target.value)} />
      </label>
      <label>
        To
        <input type="date" value={get('to')} min={get('from')} onChange={(event) => set('to', event.target.value)} />
      </label>
      <Choice
        name="agent"
        label="Agent"
        first="All agents"
        options={agents}
        value={get('agent')}
        onChange={(value) => set('agent', value)}
      />
      <Choice
        name="end_reason"
        label="End"
        first="All ends"
        options={named(reasons)}
        value={get('end_reason')}
        onChange={(value) => set('end_reason', value)}
      />
      <Choice
        name="outcome"
        label="Outcome"
        first="All outcomes"
        options={named(outcomes)}
        value={get('outcome')}
        onChange={(value) => set('outcome', value)}
      />
      {query.size > 0 && (
        <button type="button" className="button subtle" onClick={() => onChange(new URLSearchParams())}>
          Clear filters
        </button>
      )}
    </search>
  );
}

interface TypedProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  /** Less is not asked for. */
  readonly minLength: number;
  readonly onChange: (text: string) => void;
}

function Typed({ label, placeholder, value, minLength, onChange }: TypedProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === value || (wanted !== '' && wanted.length < minLength)) return;
    const timer = setTimeout(() => onChange(wanted), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label>
      {label}
      <input type="search" placeholder={placeholder} value={text} onChange={(event) => setText(event.target.value)} />
    </label>
  );
}
