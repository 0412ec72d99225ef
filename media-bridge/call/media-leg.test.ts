// Tests of the carrier's side of a call: which socket counts, and how long a lost one is waited for.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallFact } from '../../shared/call/call-event.ts';
import { MediaLeg } from './media-leg.ts';
import { FakeTransport } from './testing/fake-legs.ts';

function setUp(t: TestContext, options: { isPutOff?: () => boolean } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const transport = new FakeTransport();
  const facts: CallFact[] = [];
  const heard: string[] = [];
  const leg = new MediaLeg(
    { transport, replica: 'r1', journal: { record: (fact) => facts.push(fact) }, ...options },
    {
      onEvent: ({ type }) => heard.push(type),
      onLost: (wasSilent) => heard.push(wasSilent ? 'silent' : 'lost'),
      onEnded: () => heard.push('ended'),
      fail: () => heard.push('failed'),
    },
  );
  const told = () => facts.map((fact) => (fact.type === 'media-stopped' ? `stopped ${fact.clean}` : fact.type));
  return { leg, transport, heard, told };
}

const lost = { type: 'closed', clean: false, code: 1006 } as const;
const done = { type: 'closed', clean: true, code: 1000 } as const;
const audio = { type: 'audio', audio: Buffer.alloc(160) } as const;

describe('MediaLeg', () => {
  it('is connected from its start on, and passes on what the carrier says', (t) => {
    const { leg, transport, heard, told } = setUp(t);
    assert.equal(!leg.isReplaceable, false);
    leg.start();
    transport.emit(audio);
    transport.emit({ type: 'dtmf', digit: '1' });
    assert.deepEqual([!leg.isReplaceable, heard, told()], [true, ['audio', 'dtmf'], ['media-started']]);
  });

  it('ends when the carrier closes in order', (t) => {
    const { leg, transport, heard, told } = setUp(t);
    leg.start();
    transport.emit(done);
    assert.deepEqual([!leg.isReplaceable, heard, told()], [false, ['ended'], ['media-started', 'stopped true']]);
  });

  it('waits ten seconds for another socket when one is lost, and then ends', (t) => {
    const { leg, transport, heard, told } = setUp(t);
    leg.start();
    transport.emit(lost);
    t.mock.timers.tick(9_999);
    assert.deepEqual([!leg.isReplaceable, heard], [false, ['lost']]);
    t.mock.timers.tick(1);
    assert.deepEqual(
      [heard, told()],
      [
        ['lost', 'ended'],
        ['media-started', 'stopped false'],
      ],
    );
  });

  const carriers = [
    { name: 'that cannot be asked for five seconds more', worksAfterMs: 14_500, endsMs: 15_000 },
    { name: 'that can never be asked', worksAfterMs: Number.POSITIVE_INFINITY, endsMs: 60_000 },
  ];
  for (const { name, worksAfterMs, endsMs } of carriers)
    it(`waits for longer for a carrier ${name}`, (t) => {
      let passedMs = 0;
      const { leg, transport, heard } = setUp(t, { isPutOff: () => passedMs < worksAfterMs });
      leg.start();
      transport.emit(lost);
      for (; !heard.includes('ended'); t.mock.timers.tick(500)) passedMs += 500;
      assert.equal(passedMs, endsMs);
    });

  it('goes on with the next socket, and hears nothing of the one before', (t) => {
    const { leg, transport, heard, told } = setUp(t);
    leg.start();
    leg.sendAudio(Buffer.alloc(800));
    transport.emit(lost);
    const next = new FakeTransport();
    leg.replace(next);
    transport.emit(audio);
    transport.emit(done);
    t.mock.timers.tick(60_000);
    assert.deepEqual([!leg.isReplaceable, heard, leg.sentMs], [true, ['lost'], 0]);
    next.emit(audio);
    leg.sendAudio(Buffer.alloc(800));
    assert.deepEqual([heard, leg.sentMs, transport.done], [['lost', 'audio'], 100, ['close']]);
    assert.deepEqual(told(), ['media-started', 'stopped false', 'media-started']);
  });

  it('takes a second socket for the first before that was lost', (t) => {
    const { leg, transport, heard } = setUp(t);
    leg.start();
    leg.replace(new FakeTransport());
    transport.emit(lost);
    t.mock.timers.tick(60_000);
    assert.deepEqual([!leg.isReplaceable, heard, transport.done], [true, [], ['close']]);
  });

  it('closes once, and then takes no socket and waits for none', (t) => {
    const { leg, transport, heard, told } = setUp(t);
    leg.start();
    transport.emit(lost);
    leg.close();
    leg.close();
    t.mock.timers.tick(60_000);
    const late = new FakeTransport();
    leg.replace(late);
    leg.start();
    late.emit(audio);
    assert.deepEqual([heard, transport.done, late.done], [['lost'], ['close'], ['close']]);
    assert.deepEqual(told(), ['media-started', 'stopped false']);
  });

  it('writes down the end of the socket that it closes itself', (t) => {
    const { leg, told } = setUp(t);
    leg.start();
    leg.close();
    assert.deepEqual(told(), ['media-started', 'stopped true']);
  });
});
