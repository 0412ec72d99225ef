// Places a call: whom, by which agent, carrier and model, and what the agent should know of it.
import { type FormEvent, useState } from 'react';
import type { PlacedCall } from '../../shared/api.ts';
import type { AgentList } from '../../shared/console-api.ts';
import { ApiError, ask } from '../api-client.ts';
import { formatPlace } from '../location.ts';
import { Choice } from '../parts/choice.tsx';
import { Message } from '../parts/states.tsx';
import { carrierNames, modelNames } from '../parts/words.ts';
import { useAsked } from '../use-asked.ts';

/** What is to be done about an answer that is no call. */
const advice: Readonly<Record<string, string>> = {
  DIAL_NOT_ALLOWED:
    'Who may be dialled is set by DIAL_ALLOWED_PREFIXES and DIAL_ALLOWED_REGIONS, and when by DIAL_QUIET_HOURS.',
  DIAL_CAP_REACHED: 'The caps protect callees and the bill; try again later.',
  BAD_NUMBER: 'Write it with the country: +1 555 0101.',
  BRIDGE_FULL: 'Try again when a call has ended.',
  NOT_CONFIGURED: 'See Health for what is missing.',
};

interface Fact {
  readonly key: string;
  readonly value: string;
}

export function DialForm({ onClose }: { onClose: () => void }) {
  const { data } = useAsked<AgentList>('/api/agents');
  const [facts, setFacts] = useState<readonly Fact[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [placed, setPlaced] = useState<PlacedCall>();
  const [error, setError] = useState<ApiError>();

  async function place(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = (name: string) => String(form.get(name) ?? '') || undefined;
    const given = facts.filter(({ key }) => key.trim() !== '').map(({ key, value }) => [key.trim(), value]);
    setBusy(true);
    setError(undefined);
    setPlaced(undefined);
    try {
      const order = { to: chosen('to'), agent: chosen('agent'), carrier: chosen('carrier'), model: chosen('model') };
      const context = given.length > 0 ? { context: Object.fromEntries(given) } : {};
      setPlaced(await ask<PlacedCall>('/api/call', { ...order, ...context, idempotency_key: crypto.randomUUID() }));
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError('INTERNAL', 0, 'Something went wrong here.'));
    } finally {
      setBusy(false);
    }
  }

  const agents = (data?.agents ?? []).map(({ name }) => [name, name] as const);
  const carriers = Object.entries(carrierNames).filter(([code]) => code !== 'web');
  return (
    <form className="card form" onSubmit={(event) => void place(event)} aria-label="Place a call">
      <label>
        Number
        <input name="to" type="tel" required placeholder="+1 555 0101" autoComplete="off" />
      </label>
      <Choice name="agent" label="Agent" first="Default agent" options={agents} />
      <Choice name="carrier" label="Carrier" first="Any" options={carriers} />
      <Choice name="model" label="Voice model" first="As the agent prefers" options={Object.entries(modelNames)} />
      <FactFields facts={facts} onChange={setFacts} />
      <div className="actions">
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? 'Dialling…' : 'Call'}
        </button>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
      <div className="wide" aria-live="polite">
        {error && (
          <Message kind="error">
            {error.message} {advice[error.code]}
          </Message>
        )}
        {placed && (
          <Message kind="success">
            {placed.number} is being called. <a href={formatPlace('calls', placed.call_id)}>Watch the call</a>
          </Message>
        )}
      </div>
    </form>
  );
}

function FactFields({ facts, onChange }: { facts: readonly Fact[]; onChange: (facts: readonly Fact[]) => void }) {
  const write = (index: number, change: Partial<Fact>) =>
    onChange(facts.map((fact, at) => (at === index ? { ...fact, ...change } : fact)));
  return (
    <fieldset className="wide">
      <legend>What the agent should know</legend>
      {facts.map(({ key, value }, index) => (
        <div className="pair" key={index}>
          <input
            aria-label={`Name of fact ${index + 1}`}
            placeholder="candidate_name"
            value={key}
            onChange={(event) => write(index, { key: event.target.value })}
          />
          <input
            aria-label={`Value of fact ${index + 1}`}
            placeholder="Ann Example"
            value={value}
            onChange={(event) => write(index, { value: event.target.value })}
          />
        </div>
      ))}
      <button type="button" className="button subtle" onClick={() => onChange([...facts, { key: '', value: '' }])}>
        Add a fact
      </button>
      {facts.length > 0 && (
        <button type="button" className="button subtle" onClick={() => onChange(facts.slice(0, -1))}>
          Remove the last
        </button>
      )}
    </fieldset>
  );
}
