// The caller's words where the voice model's service decides whose turn it is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Transcript } from '../spoken-turns.ts';
import { ModelTurns } from './model-turns.ts';

function setUp() {
  const shown: [string, boolean][] = [];
  const model = { holdsVoice: true };
  const turns = new ModelTurns({
    model,
    turns: {
      callerStopped() {},
      transcript: ({ text, final }: Transcript) => void shown.push([text, final]),
    },
    takeWord() {},
  });
  const say = (turnId: string) => {
    turns.callerStarted(turnId);
    turns.callerStopped();
  };
  const tell = (turnId: string, text: string, final = true) =>
    turns.transcript({ turnId, role: 'caller', text, final });
  const written = () => shown.flatMap(([text, final]) => (final ? [text] : []));
  return { turns, model, shown, say, tell, written };
}

describe("the caller's words where the model decides", () => {
  it('are shown as they come, and written down when no other model is to hear them', () => {
    const { turns, shown, say, tell } = setUp();
    say('one');
    tell('one', 'Are you', false);
    assert.equal(turns.awaitsWords, true);
    tell('one', 'Are you open?');
    assert.equal(turns.awaitsWords, false);
    assert.deepEqual(shown, [['Are you', false]]);
    turns.settled();
    assert.deepEqual(shown, [
      ['Are you', false],
      ['Are you open?', true],
    ]);
  });

  it('are written down as they come once the turn is answered', () => {
    const { turns, say, tell, written } = setUp();
    say('one');
    turns.settled();
    tell('one', 'Are you open?');
    assert.deepEqual(written(), ['Are you open?']);
  });

  it('are left to the next model, which hears them again, where this one is lost', () => {
    const { turns, say, tell, written } = setUp();
    say('one');
    say('two');
    tell('one', 'Thank you.');
    turns.modelLost();
    say('three');
    tell('three', 'Thank you. Where are you?');
    turns.close();
    assert.deepEqual(written(), ['Thank you. Where are you?']);
  });

  it('are written down where nobody hears them again', () => {
    const { turns, model, say, tell, written } = setUp();
    model.holdsVoice = false;
    say('one');
    say('two');
    tell('one', 'Thank you.');
    turns.modelLost();
    assert.deepEqual(written(), ['Thank you.']);
  });
});
