// Tests of how long recognition may be silent, and what for.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { RecognitionWatch } from './recognition-watch.ts';

describe('recognition watch', () => {
  let told: string[];
  let watch: RecognitionWatch;
  const wait = (ms: number) => mock.timers.tick(ms);
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    told = [];
    watch = new RecognitionWatch({
      onSilent: () => told.push('silent'),
      onGone: () => told.push('gone'),
      onUnheard: () => told.push('unheard'),
    });
  });
  afterEach(() => {
    watch.close();
    wait(60_000);
    mock.timers.reset();
  });

  it('wants another connection when the first gives no sign of life, and no third', () => {
    watch.connected();
    wait(2_999);
    assert.deepEqual(told, []);
    wait(1);
    assert.deepEqual(told, ['silent']);
    watch.disconnected();
    wait(10_000);
    watch.connected();
    wait(3_000);
    assert.deepEqual(told, ['silent', 'gone']);
  });

  it('wants another connection when somebody speaks and nothing is told of it', () => {
    watch.connected();
    watch.receive(false);
    wait(60_000);
    watch.voiceBegan();
    wait(3_000);
    assert.deepEqual(told, ['silent']);
  });

  it('is content with any sign, and takes a noise for a noise the second time', () => {
    watch.voiceBegan();
    wait(3_000);
    watch.connected();
    watch.receive(false);
    watch.voiceBegan();
    wait(60_000);
    assert.deepEqual(told, ['silent'], 'a service that lives and hears no speech');
    watch.receive(true);
    watch.voiceBegan();
    wait(3_000);
    assert.deepEqual(told, ['silent', 'silent'], 'it had heard some since');
  });

  it('tells of speech that was long enough and brought no word', () => {
    watch.voiceBegan();
    watch.receive(true);
    watch.voiceEnded(1_200);
    wait(1_500);
    assert.deepEqual(told, ['unheard']);
  });

  it('tells of it at once when recognition said that it found no word, before or after the end of the voice', () => {
    watch.voiceBegan();
    watch.receive(true);
    watch.receiveNothing();
    watch.voiceEnded(1_200);
    assert.deepEqual(told, ['unheard']);
    watch.voiceBegan();
    watch.receive(true);
    watch.voiceEnded(1_200);
    wait(100);
    watch.receiveNothing();
    wait(5_000);
    assert.deepEqual(told, ['unheard', 'unheard']);
  });

  it('tells of none that was short, brought words, or goes on', () => {
    watch.voiceBegan();
    watch.receive(true);
    watch.voiceEnded(1_100);
    wait(5_000);
    watch.voiceBegan();
    watch.receive(true);
    watch.receiveWords();
    watch.voiceEnded(2_000);
    wait(5_000);
    watch.voiceBegan();
    watch.receive(true);
    watch.voiceEnded(2_000);
    wait(1_000);
    watch.voiceBegan();
    watch.receive(true);
    watch.receiveWords();
    wait(5_000);
    assert.deepEqual(told, []);
  });

  it('waits for words while nobody listens, and for some time more', () => {
    watch.voiceBegan();
    watch.receive(true);
    watch.disconnected();
    watch.voiceEnded(2_000);
    wait(4_000);
    watch.connected();
    watch.receive(false);
    wait(1_499);
    assert.deepEqual(told, []);
    wait(1);
    assert.deepEqual(told, ['unheard']);
  });

  it('tells nothing once it is closed', () => {
    watch.connected();
    watch.voiceBegan();
    watch.voiceEnded(2_000);
    watch.close();
    wait(10_000);
    assert.deepEqual(told, []);
  });
});
