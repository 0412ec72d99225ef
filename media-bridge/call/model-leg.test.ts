// Tests of the model's side of a call: what bridges the time without a model, and what a new one is given.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallFact } from '../../shared/call/call-event.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/logger.ts';
import { pcm16k } from '../audio/audio-format.ts';
import type { VoiceModel } from '../voice-models/voice-model.ts';
import { ModelFailover } from './model-failover.ts';
import { ModelLeg, type ModelLegContext } from './model-leg.ts';
import { FakeModel, FakeTransport } from './testing/fake-legs.ts';
import type { Announcement } from './waiting-sounds.ts';

type Opening = () => Promise<FakeModel>;

/** `openings`: what the first and each later attempt to open a model comes to. */
function setUp(t: TestContext, openings: readonly Opening[], context: Partial<ModelLegContext> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const line = new FakeTransport();
  const facts: CallFact[] = [];
  const announced: Announcement[] = [];
  const told: string[] = [];
  const journal = { record: (fact: CallFact) => void facts.push(fact) };
  let attempts = 0;
  const failover = new ModelFailover({
    kinds: ['gpt-realtime', 'voice-live'],
    open: async () => openings[attempts++]!(),
    onFailure: () => {},
  });
  const getAudio = (announcement: Announcement) => {
    announced.push(announcement);
    return Buffer.alloc(800);
  };
  const leg = new ModelLeg(
    { failover, journal, announcer: { getAudio }, log: silentLogger },
    {
      line,
      screening: undefined,
      onEvent: ({ type }) => told.push(type),
      onLost: () => told.push('lost'),
      onGone: () => told.push('gone'),
      fail: () => told.push('failed'),
      ...context,
    },
  );
  t.after(() => leg.close());
  return { leg, line, facts, announced, told, count: () => attempts };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const frame = Buffer.alloc(160);
const gone = new AppError('MODEL_UNAVAILABLE', 'gone');
const refused = () => Promise.reject(new AppError('MODEL_REFUSED', 'refused by the test'));
const pending = () => {
  const { promise, resolve, reject } = Promise.withResolvers<FakeModel>();
  return { open: () => promise, resolve, reject };
};

describe('ModelLeg', () => {
  it('opens a model, writes it down, and lets it begin', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const { leg, facts } = setUp(t, [async () => model]);
    await leg.open({ say: 'Hello.' });
    assert.equal(leg.model, model);
    assert.deepEqual(model.done, [['reply', 'Hello.']]);
    assert.deepEqual(
      facts.map(({ type }) => type),
      ['model-opened'],
    );
  });

  it('keeps what the caller says between two models, and not what came before the first', async (t) => {
    const [first, second] = [new FakeModel('gpt-realtime', []), new FakeModel('voice-live', [])];
    const opening = pending();
    const { leg } = setUp(t, [async () => first, opening.open]);
    leg.hear(frame);
    await leg.open(undefined);
    leg.hear(frame);
    assert.deepEqual(first.done, [['audio', 160]]);
    first.emit({ type: 'closed', error: gone });
    const opened = leg.open({ instructions: 'Go on.' });
    leg.hear(frame);
    leg.hear(frame);
    opening.resolve(second);
    await opened;
    assert.deepEqual(second.done, [
      ['audio', 160],
      ['audio', 160],
      ['reply', 'Go on.'],
    ]);
  });

  it('keeps it for the model after that when the next one goes as it comes', async (t) => {
    const [first, second, third] = [1, 2, 3].map(() => new FakeModel('gpt-realtime', [])) as [
      FakeModel,
      FakeModel,
      FakeModel,
    ];
    second.listen = (listener) => listener({ type: 'closed', error: gone });
    const { leg, told } = setUp(t, [async () => first, async () => second, async () => third]);
    await leg.open(undefined);
    first.emit({ type: 'closed', error: gone });
    leg.hear(frame);
    await leg.open({ say: 'Hello?' });
    assert.deepEqual([told, second.done], [['lost', 'lost'], []]);
    await leg.open(undefined);
    assert.deepEqual(third.done, [['audio', 160]]);
  });

  it('converts what goes to the model and what comes from it, and starts anew after a cut', async (t) => {
    const model = Object.assign(new FakeModel('gpt-realtime', []), { inputFormat: pcm16k, outputFormat: pcm16k });
    const { leg, line } = setUp(t, [async () => model]);
    await leg.open(undefined);
    leg.hear(frame);
    assert.deepEqual(model.done, [['audio', 640]]);
    assert.equal(leg.speak(Buffer.alloc(640)), 20);
    assert.equal(line.sentMs, 20);
    leg.speak(Buffer.alloc(1));
    leg.breakOff();
    assert.equal(leg.speak(Buffer.alloc(640)), 20, 'half a sample of the reply before is gone');
  });

  it('says nothing to a model that is not there', async (t) => {
    const { leg, line } = setUp(t, []);
    leg.requestReply({ say: 'Hello.' });
    leg.sendText('5');
    leg.interrupt('a', 0);
    leg.breakOff();
    assert.equal(leg.speak(frame), 0);
    assert.equal(line.sentMs, 0);
  });

  it('fills a long wait with sound until a reply sounds', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const opening = pending();
    const { leg, announced } = setUp(t, [opening.open]);
    const opened = leg.open({ say: 'Hello.' });
    t.mock.timers.tick(1_200);
    assert.deepEqual(announced, ['one-moment']);
    opening.resolve(model);
    await opened;
    t.mock.timers.tick(2_600);
    assert.deepEqual(announced, ['one-moment', 'hold'], 'the model has not said anything yet');
    leg.speak(frame);
    t.mock.timers.tick(60_000);
    assert.deepEqual(announced, ['one-moment', 'hold']);
  });

  it('changes the model without a sound when nobody waits for it to speak', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const opening = pending();
    const { leg, announced } = setUp(t, [opening.open]);
    const opened = leg.open(undefined);
    t.mock.timers.tick(3_000);
    opening.resolve(model);
    await opened;
    t.mock.timers.tick(60_000);
    assert.deepEqual([announced, model.done], [[], []], 'and nothing is heard until somebody speaks');
  });

  it('says what happened when that change took so long that it was heard', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const opening = pending();
    const { leg, announced } = setUp(t, [opening.open]);
    const opened = leg.open(undefined);
    t.mock.timers.tick(4_000);
    opening.resolve(model);
    await opened;
    t.mock.timers.tick(60_000);
    assert.deepEqual(announced, ['one-moment']);
    assert.match(String(model.done[0]?.[1]), /line was interrupted/);
  });

  it('makes no sound for a machine that records', async (t) => {
    const screening = { isMuted: true, wrap: (model: VoiceModel) => model };
    const { leg, announced } = setUp(t, [() => new Promise(() => {})], { screening });
    void leg.open(undefined);
    t.mock.timers.tick(60_000);
    assert.deepEqual(announced, []);
  });

  it('apologises when no model can be had, and tells when that was heard', async (t) => {
    const { leg, announced, told } = setUp(t, [refused, refused]);
    const opened = leg.open(undefined);
    await settled();
    assert.deepEqual([announced, told], [['apology'], []]);
    t.mock.timers.tick(100);
    await opened;
    assert.deepEqual(told, ['gone']);
  });

  it('tells once that its model was lost, and passes on nothing that this one still says', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const { leg, told, facts } = setUp(t, [async () => model]);
    await leg.open(undefined);
    model.emit({ type: 'caller-started-speaking' });
    model.emit({ type: 'closed', error: gone });
    model.emit({ type: 'closed' });
    model.emit({ type: 'caller-stopped-speaking' });
    assert.deepEqual(told, ['caller-started-speaking', 'lost']);
    assert.deepEqual(
      facts.map(({ type }) => type),
      ['model-opened', 'model-lost'],
    );
  });

  it('closes the model that it has, once, and hears no more of it', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    model.close = () => {
      model.done.push(['close']);
      model.emit({ type: 'closed' });
    };
    const { leg, told } = setUp(t, [async () => model]);
    await leg.open(undefined);
    leg.close();
    leg.close();
    leg.hear(frame);
    assert.deepEqual([model.done, told], [[['close']], []]);
  });

  it('closes the model that opens after its end, without a sound', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const opening = pending();
    const { leg, announced, told } = setUp(t, [opening.open]);
    const opened = leg.open({ say: 'Hello.' });
    leg.close();
    opening.resolve(model);
    await opened;
    t.mock.timers.tick(60_000);
    assert.deepEqual([model.done, announced, told], [[['close']], [], []]);
  });

  it('opens nothing and fills no silence after its end', async (t) => {
    const { leg, announced, count } = setUp(t, [async () => new FakeModel('gpt-realtime', [])]);
    leg.close();
    await leg.open({ say: 'Hello.' });
    t.mock.timers.tick(60_000);
    assert.deepEqual([count(), announced, leg.model], [0, [], undefined]);
  });

  it('breaks an apology off at its end', async (t) => {
    const { leg, told } = setUp(t, [refused, refused]);
    const opened = leg.open(undefined);
    await settled();
    leg.close();
    await opened;
    assert.deepEqual(told, []);
  });
});
