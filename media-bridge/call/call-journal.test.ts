// The journal of a call in front of stores that fail, hang and come back.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/logger.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { MemoryCallHistory } from '../../shared/stores/memory-call-history.ts';
import { MemoryCallStream } from '../../shared/stores/memory-call-stream.ts';
import { CallJournal } from './call-journal.ts';

const callId = 'call-1' as CallId;
const digit = (digit: string) => ({ type: 'dtmf-received', digit }) as const;

/** Fails as long as it is told to. */
class UnreliableStream extends MemoryCallStream {
  state: 'well' | 'failing' | 'hanging' = 'well';
  attempts = 0;
  override async append(event: CallEvent): Promise<boolean> {
    this.attempts += 1;
    if (this.state === 'hanging') return new Promise(() => {});
    if (this.state === 'failing') throw new AppError('STORE_UNAVAILABLE', 'told to fail');
    return super.append(event);
  }
}

function setUp(t: TestContext, knownIds: readonly string[] = []) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const stream = new UnreliableStream();
  const ledger = new CallLedger(stream, new MemoryCallHistory());
  const journal = new CallJournal({ call: newCallState(callId), knownIds, ledger, stream, log: silentLogger });
  const digits = async () =>
    (await stream.read(callId)).map((event) => (event.type === 'dtmf-received' ? event.digit : event.type));
  return { stream, journal, digits };
}

/** Timers of node:test do not stop setImmediate. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('CallJournal', () => {
  it('knows a fact at once, whether it can be stored or not', (t) => {
    const { journal, stream } = setUp(t);
    stream.state = 'hanging';
    journal.record({ type: 'turn-finished', role: 'caller', text: 'Hello.', interrupted: false });
    assert.deepEqual(
      journal.state.turns.map(({ text }) => text),
      ['Hello.'],
    );
  });

  it('stores facts in the order they came', async (t) => {
    const { journal, digits } = setUp(t);
    for (const key of ['1', '2', '3']) journal.record(digit(key));
    await journal.close();
    assert.deepEqual(await digits(), ['1', '2', '3']);
  });

  it('tries again while the store fails, less and less often, and loses and doubles nothing', async (t) => {
    const { journal, stream, digits } = setUp(t);
    stream.state = 'failing';
    journal.record(digit('1'));
    journal.record(digit('2'));
    await settled();
    assert.equal(stream.attempts, 1);
    for (const [waitMs, attempts] of [
      [199, 1],
      [1, 2],
      [399, 2],
      [1, 3],
      [800, 4],
    ] as const) {
      mock.timers.tick(waitMs);
      await settled();
      assert.equal(stream.attempts, attempts);
    }
    stream.state = 'well';
    mock.timers.tick(1600);
    await settled();
    journal.record(digit('3'));
    await journal.close();
    assert.deepEqual(await digits(), ['1', '2', '3']);
  });

  it('stores a fact once when the store failed after taking it', async (t) => {
    const { journal, stream, digits } = setUp(t);
    const append = stream.append.bind(stream);
    let answers = 0;
    stream.append = async (event) => {
      const added = await append(event);
      if (++answers === 1) throw new AppError('STORE_UNAVAILABLE', 'the answer was lost');
      return added;
    };
    journal.record(digit('1'));
    await settled();
    mock.timers.tick(200);
    await journal.close();
    assert.deepEqual([answers, await digits()], [2, ['1']]);
  });

  it('tells when it has caught up, and goes on', async (t) => {
    const { journal, digits } = setUp(t);
    journal.record(digit('1'));
    journal.record(digit('2'));
    await journal.catchUp(500);
    assert.deepEqual(await digits(), ['1', '2']);
    journal.record(digit('3'));
    await journal.catchUp(500);
    assert.deepEqual(await digits(), ['1', '2', '3']);
  });

  it('waits in its close for what is being stored, but not for ever', async (t) => {
    const { journal, stream } = setUp(t);
    stream.state = 'hanging';
    journal.record(digit('1'));
    let isClosed = false;
    const closing = journal.close(5000).then(() => {
      isClosed = true;
    });
    mock.timers.tick(4999);
    await settled();
    assert.equal(isClosed, false);
    mock.timers.tick(1);
    await closing;
  });

  it('tries no more after its close', async (t) => {
    const { journal, stream } = setUp(t);
    stream.state = 'failing';
    journal.record(digit('1'));
    await settled();
    const closing = journal.close(100);
    mock.timers.tick(100);
    await closing;
    mock.timers.tick(60_000);
    await settled();
    assert.equal(stream.attempts, 1);
  });

  it('keeps a bounded number of facts for a store that is gone for good', async (t) => {
    const { journal, stream, digits } = setUp(t);
    stream.state = 'failing';
    for (let i = 0; i < 5010; i++) journal.record(digit('1'));
    await settled();
    stream.state = 'well';
    mock.timers.tick(200);
    for (let i = 0; i < 20_000 && (await digits()).length < 5000; i++) await settled();
    await journal.close();
    assert.equal((await digits()).length, 5000);
  });

  it('takes what others write once, and its own echo and what it was opened with never', async (t) => {
    const { journal, stream } = setUp(t, ['known']);
    const event = { type: 'call-connected', id: 'e1', callId, at: 1 } as const;
    assert.equal(journal.observe(event), true);
    assert.equal(journal.observe(event), false);
    assert.equal(journal.observe({ ...event, id: 'known' }), false);
    journal.record({ type: 'turn-finished', role: 'caller', text: 'Hello.', interrupted: false });
    await journal.close();
    for (const echo of await stream.read(callId)) assert.equal(journal.observe(echo), false);
    assert.equal(journal.state.turns.length, 1);
  });

  it('shows a turn in the making until it is finished, and keeps nothing of it', async (t) => {
    const { journal, stream } = setUp(t);
    const texts: string[] = [];
    stream.subscribePartials(callId, ({ role, text }) => texts.push(`${role}: ${text}`));
    journal.showPartial('caller', 'I');
    journal.showPartial('caller', 'I would');
    journal.record({ type: 'turn-finished', role: 'caller', text: 'I would.', interrupted: false });
    mock.timers.tick(1000);
    await journal.close();
    assert.deepEqual(texts, ['caller: I']);
    assert.equal((await stream.read(callId)).length, 1);
  });
});
