// What a service plays by itself as time that passes: replies are heard when they sound, and end when they were heard.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { VoiceModelEvent } from '../voice-model.ts';
import { ServicePlayout } from './service-playout.ts';

const bytesAMs = 48;
const text = 'Our chairs are known all over the world.';

let events: VoiceModelEvent[];
let playout: ServicePlayout;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const startedAt = Date.now();
  mock.method(performance, 'now', () => Date.now() - startedAt);
  events = [];
  playout = new ServicePlayout((event) => events.push(event));
});

afterEach(() => mock.reset());

const tell = (state: 'started' | 'stopped' | 'cleared', responseId = 'resp_1') =>
  playout.tell({ type: 'playout', responseId, state });

const soundedMs = () =>
  events.reduce((sum, event) => sum + (event.type === 'audio' ? event.audio.length / bytesAMs : 0), 0);

const ends = () => events.flatMap((event) => (event.type === 'reply-finished' ? [event.outcome] : []));

function speak(id = 'resp_1'): void {
  playout.pass({ type: 'reply-started', replyId: id });
  playout.pass({ type: 'transcript', role: 'agent', turnId: id, text, final: true });
  playout.made(id, 2_000);
  playout.pass({ type: 'reply-finished', replyId: id, outcome: 'completed' });
}

describe('the playout of a service', () => {
  it('sounds for as long as it plays, and ends a moment later, when the page has played it too', () => {
    speak();
    mock.timers.tick(500);
    assert.equal(soundedMs(), 0);
    tell('started');
    mock.timers.tick(2_000);
    assert.equal(soundedMs(), 2_000);
    tell('stopped');
    assert.deepEqual(ends(), []);
    mock.timers.tick(200);
    assert.deepEqual(ends(), ['completed']);
    assert.equal(soundedMs(), 2_000);
  });

  it('tells the words that were heard by the length of the whole, and by a guess before that is known', () => {
    speak();
    tell('started');
    mock.timers.tick(1_000);
    assert.equal(playout.cut('resp_1', 1_000), 'Our chairs are known');
    tell('cleared');
    mock.timers.tick(1_000);
    assert.equal(soundedMs(), 1_000, 'nothing sounds that was cut');
    playout.pass({ type: 'reply-started', replyId: 'resp_2' });
    playout.pass({ type: 'transcript', role: 'agent', turnId: 'resp_2', text, final: false });
    assert.equal(playout.cut('resp_2', 600), 'Our chairs');
    assert.equal(playout.cut('resp_2', 600), '', 'once');
    assert.equal(playout.cut('resp_3', 600), '');
  });

  it('ends a reply that the service cut by itself, and one of which no sound ever comes', () => {
    speak();
    tell('started');
    mock.timers.tick(100);
    tell('cleared');
    assert.deepEqual(ends(), ['interrupted']);
    speak('resp_2');
    mock.timers.tick(3_000);
    assert.deepEqual(ends(), ['interrupted', 'completed']);
  });

  it('waits for a reply that is to sound after another one', () => {
    speak();
    tell('started');
    speak('resp_2');
    mock.timers.tick(5_000);
    assert.deepEqual(ends(), []);
    tell('stopped');
    tell('started', 'resp_2');
    mock.timers.tick(1_000);
    tell('stopped', 'resp_2');
    mock.timers.tick(200);
    assert.deepEqual(ends(), ['completed', 'completed']);
  });

  it('makes nothing of replies that it does not know, and is silent once it is closed', () => {
    tell('started', 'resp_9');
    tell('stopped', 'resp_9');
    speak();
    tell('started');
    playout.close();
    mock.timers.tick(5_000);
    assert.equal(soundedMs(), 0);
    playout.pass({ type: 'caller-started-speaking' });
    assert.equal(events.at(-1)?.type, 'caller-started-speaking');
  });
});
