// Tests of the model's side of a call: what bridges the time without a model, and what a new one is given.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallFact } from '../../shared/call/call-event.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/logger.ts';
import { pcm16k } from '../audio/audio-format.ts';
import type { DeadAirInput } from './dead-air/dead-air.ts';
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
  const watched: string[] = [];
  const watch = {
    tell: ({ type }: DeadAirInput) => watched.push(type),
    close: () => watched.push('close'),
    unnoticedMs: 0,
    quietMs: 0,
  };
  const leg = new ModelLeg(
    { failover, journal, announcer: { getAudio }, log: silentLogger },
    {
      line,
      wrap: (model) => model,
      watch,
      onEvent: ({ type }) => told.push(type),
      onSettled() {},
      onLost: () => told.push('lost'),
      onGone: () => told.push('gone'),
      fail: () => told.push('failed'),
      ...context,
    },
  );
  t.after(() => leg.close());
  return { leg, line, watch, facts, announced, told, watched, count: () => attempts };
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

  it('says when there is a model to wait for, and when nothing is to be waited for any more', async (t) => {
    const { leg, watched } = setUp(t, [async () => new FakeModel('gpt-realtime', []), refused, refused]);
    const opened = leg.open({ say: 'Hello.' });
    assert.deepEqual(watched, []);
    await opened;
    assert.deepEqual(watched, ['model-opened']);
    void leg.open(undefined);
    await settled();
    assert.deepEqual(watched, ['model-opened', 'close']);
  });

  it('fills silence with words and then tones, and begins with words again when the agent has spoken', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const { leg, announced } = setUp(t, [async () => model]);
    await leg.open(undefined);
    assert.equal(leg.fill(), 100);
    leg.fill();
    model.speak('a', 'Hello.', 1_000);
    leg.fill();
    assert.deepEqual(announced, ['one-moment', 'hold', 'one-moment']);
  });

  it('takes a model that owes a reply for too long for lost', async (t) => {
    const model = new FakeModel('gpt-realtime', []);
    const { leg, told, facts } = setUp(t, [async () => model]);
    await leg.open(undefined);
    leg.giveUpModel();
    leg.giveUpModel();
    assert.deepEqual([told, model.done, leg.model], [['lost'], [['close']], undefined]);
    assert.partialDeepStrictEqual(facts.at(-1), { type: 'model-lost', code: 'MODEL_SILENT' });
  });

  it('gives the next model a long turn at the speed at which a link takes it, and what follows behind it', async (t) => {
    const [first, second] = [new FakeModel('gpt-realtime', []), new FakeModel('voice-live', [])];
    const { leg } = setUp(t, [async () => first, async () => second]);
    await leg.open(undefined);
    first.emit({ type: 'caller-started-speaking' });
    for (let ms = 0; ms < 10_000; ms += 20) leg.hear(frame);
    first.emit({ type: 'closed', error: gone });
    await leg.open(undefined);
    const givenMs = () => second.done.reduce((sum, [, bytes]) => sum + Number(bytes) / 8, 0);
    assert.equal(givenMs(), 4_000);
    leg.hear(frame);
    assert.equal(givenMs(), 4_400);
    for (let frames = 0; frames < 20; frames++) leg.hear(frame);
    assert.equal(givenMs(), 10_420);
  });

  it('keeps what the caller is saying, when the reply to something else begins to sound', async (t) => {
    const [first, second] = [new FakeModel('gpt-realtime', []), new FakeModel('voice-live', [])];
    const { leg, watch } = setUp(t, [async () => first, async () => second]);
    await leg.open(undefined);
    for (const unnoticedMs of [0, 0, 20, 40]) {
      watch.unnoticedMs = unnoticedMs;
      leg.hear(frame);
    }
    leg.holdTurn();
    leg.answered();
    watch.unnoticedMs = 0;
    first.emit({ type: 'closed', error: gone });
    await leg.open({ say: 'Hello?' });
    assert.equal(second.done.filter(([what]) => what === 'audio').length, 4);
    second.emit({ type: 'caller-started-speaking' });
    leg.answered();
    assert.equal(leg.holdsTurn, true);
    second.emit({ type: 'caller-stopped-speaking' });
    leg.answered();
    assert.equal(leg.holdsTurn, false);
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
