// A small evaluation of turn-taking in every run of the tests: a call with each kind of event, read from the wire.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawPlans } from './callers/call-plan.ts';
import type { EventKind } from './callers/utterance.ts';
import { listColumns, nameColumn } from './eval-job.ts';
import { createResults, formatTable } from './eval-result.ts';
import { playCalls } from './play-calls.ts';
import { scoreHeardCall } from './score-call.ts';

const events: Partial<Record<EventKind, number>> = {
  backchannel: 2,
  noise: 1,
  'long interruption': 1,
  'short interruption': 1,
  question: 1,
};

describe('the evaluation of turn-taking', () => {
  it('finds on the wire that a model left to itself stops for everything', async () => {
    const plans = drawPlans(1, { seed: 4, half: 'tune', model: 'gpt-realtime', events });
    const [call] = (await playCalls(plans, 'off')).map(scoreHeardCall);
    assert.equal(call!.missed, 0);
    assert.deepEqual(call!.tau.backchannels, { of: 2, hits: 0 });
    assert.equal(call!.tau.yields.hits, 2);
    assert.ok(call!.eva! > 0.9, `${call!.eva}`);
    for (const { kind, reaction, error, view } of call!.events) {
      if (kind !== 'backchannel') continue;
      assert.equal(error, 'the agent was silent within a second');
      assert.ok(reaction!.isStopped && reaction!.silentMs! < 300);
      assert.ok(view!.agent.length > 0 && view!.caller.some(({ fromMs }) => fromMs === 0));
    }
    const column = { model: 'gpt-realtime', mode: 'off', variant: 'all' } as const;
    const [result] = createResults([{ column, calls: [call!] }]);
    assert.deepEqual(result!.failed, [], 'only the bridge has targets');
    assert.match(formatTable([result!]), /S_BC: talks on through backchannels +>= 95.0 % +0.0 % \(0.0-65.8\) n2/);
  });

  it('finds on the wire that the bridge talks on through nods and coughs, and yields', async () => {
    const plans = drawPlans(1, { seed: 4, half: 'tune', model: 'gpt-realtime', events });
    const [call] = (await playCalls(plans, 'on')).map(scoreHeardCall);
    const { missed, tau, events: found } = call!;
    assert.equal(missed, 0);
    assert.deepEqual(tau.backchannels, { of: 2, hits: 2 });
    assert.deepEqual(tau.fairTics, { of: 1, hits: 1 });
    assert.equal(tau.yields.hits, 2);
    assert.deepEqual(
      found.flatMap(({ error }) => error ?? []),
      [],
    );
    const interruption = found.find(({ kind }) => kind === 'long interruption')!.reaction!;
    assert.ok(interruption.softerMs! < interruption.silentMs!, 'softer first');
  });

  it('has what adapting to callers is for beside the same without it, where that is asked for', () => {
    const adapted = listColumns().map(nameColumn);
    const both = listColumns({ isUnadaptedToo: true }).map(nameColumn);
    const more = both.filter((name) => !adapted.includes(name));
    assert.deepEqual(more, [
      'gpt-realtime, unadapted, nods x1.15',
      'gpt-realtime, unadapted, nods x1.3',
      'gpt-realtime, unadapted, 4 % of words wrong',
      'gpt-realtime, unadapted, 8 % of words wrong',
    ]);
    for (const name of more) assert.equal(both[both.indexOf(name) + 1], name.replace('unadapted', 'on'));
  });
});
