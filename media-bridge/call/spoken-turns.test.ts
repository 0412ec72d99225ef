// What is cut and what is written down, on a line whose time the test tells.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { CallFact } from '../../shared/call/call-event.ts';
import { mulaw8k } from '../audio/audio-format.ts';
import { DeadAirWatch } from './dead-air/dead-air-watch.ts';
import type { Breach } from './openings.ts';
import { SpokenTurns } from './spoken-turns.ts';
import { FakeModel, FakeTransport } from './testing/fake-legs.ts';

function setUp() {
  const facts: CallFact[] = [];
  const partials: string[] = [];
  const transport = new FakeTransport();
  const model = new FakeModel('gpt-realtime', []);
  const journal = {
    record: (fact: CallFact) => void facts.push(fact),
    showPartial: (role: string, text: string) => void partials.push(`${role}: ${text}`),
  };
  const heard: string[] = [];
  const watch = new DeadAirWatch({
    limits: { fillAfterMs: 1, askAgainAfterMs: 2, nextModelAfterMs: 3 },
    format: mulaw8k,
    isHeld: () => true,
    fill: () => 0,
    askAgain() {},
    nextModel() {},
    onCallerHeard() {},
  });
  after(() => watch.close());
  const turns = new SpokenTurns({
    journal,
    line: transport,
    model: {
      isDirect: false,
      answered() {},
      speak(audio) {
        transport.sendAudio(audio);
        return audio.length / 8;
      },
      breakOff: () => {},
      interrupt: (replyId, heardMs) => model.interrupt(replyId, heardMs),
    },
    watch,
    onHeard: (replyIds) => heard.push(...replyIds),
  });
  return {
    turns,
    watch,
    transport,
    model,
    facts,
    partials,
    heard,
    said: () =>
      facts.flatMap((fact) =>
        fact.type === 'turn-finished' ? [`${fact.role}: ${fact.text}${fact.interrupted ? ' -' : ''}`] : [],
      ),
    /** Audio of a reply comes and goes to the line. */
    sound(replyId: string, lengthMs: number) {
      const audio = Buffer.alloc(lengthMs * 8);
      model.emit({ type: 'audio', replyId, audio });
      turns.replySounded(replyId, audio);
    },
    /** The caller has heard so much of the line. */
    play(playedMs: number) {
      transport.playedMs = playedMs;
      turns.settle();
    },
    write(replyId: string, text: string) {
      const transcript = { role: 'agent', turnId: replyId, text, final: false } as const;
      model.emit({ type: 'transcript', ...transcript });
      turns.transcript(transcript);
    },
  };
}

describe('SpokenTurns', () => {
  it('writes a turn of the agent down once: when the model is done with it and the caller has heard it', () => {
    const { turns, said, sound, write, play, partials, heard } = setUp();
    turns.replyStarted('a');
    write('a', 'Good');
    sound('a', 500);
    write('a', 'Good morning.');
    play(500);
    assert.deepEqual(heard, [], 'more may come');
    sound('a', 500);
    turns.replyFinished('a', 'completed');
    play(999);
    assert.deepEqual(heard, [], 'not heard yet');
    play(1000);
    play(1000);
    assert.deepEqual(heard, ['a']);
    assert.deepEqual(said(), ['agent: Good morning.']);
    assert.deepEqual(partials, ['agent: Good', 'agent: Good morning.']);
  });

  it('writes a turn of the caller down when its words are final', () => {
    const { turns, said, partials } = setUp();
    turns.transcript({ role: 'caller', turnId: 'c', text: 'I would', final: false });
    turns.transcript({ role: 'caller', turnId: 'c', text: 'I would like tea.', final: true });
    assert.deepEqual([said(), partials], [['caller: I would like tea.'], ['caller: I would']]);
  });

  it('writes nothing down of a reply whose words never became sound', () => {
    const { turns, said, write } = setUp();
    turns.replyStarted('a');
    write('a', 'You never hear this.');
    turns.replyFinished('a', 'completed');
    assert.deepEqual(said(), []);
    assert.ok(turns.isQuiet);
  });

  it('ignores what the model still writes of a reply that was cut', () => {
    const { turns, transport, said, sound, write, partials } = setUp();
    turns.replyStarted('a');
    write('a', 'one two');
    sound('a', 1000);
    transport.playedMs = 1000;
    turns.callerStarted();
    write('a', 'one two three four');
    sound('a', 300);
    assert.equal(transport.sentMs, 1000);
    turns.replyFinished('a', 'completed');
    turns.settle();
    assert.deepEqual(said(), ['agent: one two -']);
    assert.deepEqual(partials, ['agent: one two']);
  });

  it('silences the line before it tells the model', () => {
    const { turns, transport, model, sound } = setUp();
    const order: string[] = [];
    transport.clearAudio = () => void order.push('line');
    model.interrupt = (replyId, heardMs) => {
      order.push(`model ${replyId} ${heardMs}`);
      return '';
    };
    sound('a', 600);
    sound('b', 400);
    transport.playedMs = 250;
    turns.callerStarted();
    assert.deepEqual(order, ['line', 'model a 250', 'model b 0']);
  });

  it('tells how long the caller waited for the first sound, once a turn', () => {
    const { turns, facts, sound } = setUp();
    const timed = () => facts.filter((fact) => fact.type === 'reply-timed').length;
    sound('greeting', 100);
    assert.equal(timed(), 0, 'nobody asked anything');
    turns.callerStopped();
    sound('a', 100);
    sound('a', 100);
    assert.equal(timed(), 1);
    turns.callerStopped();
    turns.callerStarted();
    sound('b', 100);
    assert.equal(timed(), 1, 'the caller went on speaking');
  });

  it('writes down what it has of a reply when its model is lost: the next model must know it', () => {
    const { turns, transport, said, sound, write } = setUp();
    write('a', 'Our hours are');
    sound('a', 3000);
    turns.replyStarted('b');
    write('b', 'Never sounded.');
    transport.playedMs = 200;
    turns.modelLost();
    assert.deepEqual(said(), ['agent: Our hours are -']);
    transport.playedMs = 3000;
    turns.settle();
    assert.deepEqual(said(), ['agent: Our hours are -'], 'not twice');
    assert.ok(turns.isQuiet);
  });

  for (const [breach, when, act] of [
    [undefined, 'nothing was said', () => {}],
    [
      undefined,
      'the agent has finished and is still heard',
      ({ turns, sound }) => {
        turns.callerStarted();
        turns.callerStopped();
        turns.replyStarted('a');
        sound('a', 1000);
        turns.replyFinished('a', 'completed');
      },
    ],
    [
      'reply-broke-off',
      'the agent is in the middle of a reply',
      ({ turns, sound }) => {
        turns.replyStarted('a');
        sound('a', 1000);
        turns.transcript({ role: 'agent', turnId: 'a', text: 'We are', final: false });
      },
    ],
    [
      'answer-overdue',
      'a reply has begun and no word of it was whole',
      ({ turns, sound }) => {
        turns.replyStarted('a');
        sound('a', 100);
      },
    ],
    ['answer-overdue', 'a reply has begun without a sound', ({ turns }) => turns.replyStarted('a')],
    [undefined, 'the caller speaks', ({ turns }) => turns.callerStarted()],
    [
      undefined,
      'the caller speaks over a reply',
      ({ turns, sound }) => {
        turns.replyStarted('a');
        sound('a', 1000);
        turns.callerStarted();
      },
    ],
    [
      'answer-overdue',
      'the caller has spoken',
      ({ turns }) => {
        turns.callerStarted();
        turns.callerStopped();
      },
    ],
    ['answer-overdue', 'a key was pressed or a tool was called', ({ turns }) => turns.oweReply()],
    [
      undefined,
      'another model was lost before it',
      ({ turns }) => {
        turns.callerStarted();
        turns.modelLost();
      },
    ],
  ] as [Breach | undefined, string, (call: ReturnType<typeof setUp>) => void][]) {
    it(`tells what a caller notices of a lost model when ${when}: ${breach ?? 'nothing'}`, () => {
      const call = setUp();
      act(call);
      assert.equal(call.turns.modelLost(), breach);
    });
  }

  it('lets a caller barge in on what a lost model left on the line', () => {
    const { turns, transport, said, sound, write } = setUp();
    write('a', 'A very long story');
    sound('a', 30_000);
    transport.playedMs = 200;
    turns.modelLost();
    assert.equal(turns.isQuiet, false);
    transport.playedMs = 900;
    turns.callerStarted();
    assert.deepEqual(transport.done, ['clear']);
    assert.deepEqual(said(), ['agent: A very long story -']);
  });

  it('writes down at the end of the call what was heard of the last reply', () => {
    const { turns, transport, said, sound, write } = setUp();
    write('a', 'one two three four');
    sound('a', 1000);
    transport.playedMs = 500;
    turns.close();
    turns.close();
    assert.deepEqual(said(), ['agent: one two -']);
  });

  it('spares what fills the silence after a reply that broke off, and not what stands before words', () => {
    const { turns, transport, write, sound, said } = setUp();
    turns.replyStarted('a');
    write('a', 'We are');
    sound('a', 400);
    transport.playOut();
    transport.sendAudio(Buffer.alloc(800 * 8));
    turns.cut({ spares: 'fillers' });
    assert.deepEqual([transport.done, said()], [[], ['agent: We are -']]);
    turns.replyStarted('b');
    sound('b', 400);
    turns.cut({ spares: 'fillers' });
    assert.deepEqual(transport.done, ['clear']);
  });

  it('owes another reply in the place of one that failed, and none after one that was heard', () => {
    for (const [outcome, floor] of [
      ['failed', 'agent'],
      ['completed', 'nobody'],
    ] as const) {
      const { turns, watch, sound } = setUp();
      turns.oweReply();
      turns.replyStarted('a');
      sound('a', 400);
      turns.replyFinished('a', outcome);
      assert.equal(watch.floor, floor);
    }
  });

  for (const [whose, quietMs, done] of [
    ['of whoever said it long ago', 5_000, []],
    ['of whoever speaks now', 100, ['clear']],
  ] as const)
    it(`${done.length === 0 ? 'leaves' : 'stops'} what fills the silence ${whose}`, (t) => {
      const { turns, transport, watch } = setUp();
      t.mock.getter(watch, 'callerQuietMs', () => quietMs);
      turns.oweReply();
      turns.replyStarted('a');
      transport.sendAudio(Buffer.alloc(360 * 8));
      turns.callerStarted();
      assert.deepEqual(transport.done, done);
    });
});
