// What an operator may do to a live call: hang up, hand over, press keys.
import { type ReactNode, useRef, useState } from 'react';
import type { AgentList } from '../../shared/console-api.ts';
import { ApiError, ask } from '../api-client.ts';
import { Icon } from '../parts/icons.tsx';
import { Message } from '../parts/states.tsx';
import { useAsked } from '../use-asked.ts';

const keypad = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

export interface CallActionsProps {
  readonly callId: string;
  readonly agent: string | undefined;
  readonly canTransfer: boolean;
}

export function CallActions({ callId, agent, canTransfer }: CallActionsProps) {
  const { data } = useAsked<AgentList>('/api/agents');
  const targets = data?.agents.find(({ name }) => name === agent)?.transfer_targets ?? [];
  const [answer, setAnswer] = useState<{ kind: 'success' | 'error'; text: string }>();
  const [isWarm, setWarm] = useState(false);
  const hangUp = useRef<HTMLDialogElement>(null);
  const transfer = useRef<HTMLDialogElement>(null);
  const keys = useRef<HTMLDialogElement>(null);

  async function act(path: string, body: object, done: string): Promise<void> {
    try {
      await ask(`/api/calls/${encodeURIComponent(callId)}/${path}`, body);
      setAnswer({ kind: 'success', text: done });
    } catch (error) {
      setAnswer({ kind: 'error', text: error instanceof ApiError ? error.message : 'Something went wrong here.' });
    }
  }

  return (
    <div className="actions bar">
      <button type="button" className="button danger" onClick={() => hangUp.current?.showModal()}>
        <Icon name="hangUp" />
        Hang up
      </button>
      <button
        type="button"
        className="button"
        disabled={!canTransfer || targets.length === 0}
        title={targets.length === 0 ? 'This agent has nobody to hand calls to' : undefined}
        onClick={() => transfer.current?.showModal()}
      >
        <Icon name="transfer" />
        Transfer
      </button>
      <button type="button" className="button" onClick={() => keys.current?.showModal()}>
        <Icon name="keys" />
        Keys
      </button>
      {answer && <Message kind={answer.kind}>{answer.text}</Message>}
      <Dialog of={hangUp} title="Hang up this call?">
        <p>The caller is cut off at once.</p>
        <form method="dialog" className="actions">
          <button
            type="submit"
            className="button danger"
            onClick={() => void act('hang-up', {}, 'The call is being ended.')}
          >
            Hang up
          </button>
          <button type="submit" className="button">
            Cancel
          </button>
        </form>
      </Dialog>
      <Dialog of={transfer} title="Hand the call over">
        <form method="dialog" className="actions column">
          <label className="bar">
            <input type="checkbox" checked={isWarm} onChange={(event) => setWarm(event.target.checked)} />
            Ask them first, while the caller hears music
          </label>
          {targets.map((target) => (
            <button
              type="submit"
              key={target}
              className="button"
              onClick={() =>
                void act(
                  'transfer',
                  { target, handover: isWarm ? 'warm' : 'cold' },
                  isWarm ? `${target} is asked.` : `The call is being handed over to ${target}.`,
                )
              }
            >
              {target}
            </button>
          ))}
          <button type="submit" className="button subtle">
            Cancel
          </button>
        </form>
      </Dialog>
      <Dialog of={keys} title="Press keys">
        <div className="keypad">
          {keypad.map((key) => (
            <button
              type="button"
              key={key}
              className="button"
              onClick={() => void act('keys', { keys: key }, `Pressed ${key}.`)}
            >
              {key}
            </button>
          ))}
        </div>
        <form method="dialog" className="actions">
          <button type="submit" className="button">
            Done
          </button>
        </form>
      </Dialog>
    </div>
  );
}

interface DialogProps {
  readonly of: React.RefObject<HTMLDialogElement | null>;
  readonly title: string;
  readonly children: ReactNode;
}

function Dialog({ of, title, children }: DialogProps) {
  return (
    <dialog ref={of} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
