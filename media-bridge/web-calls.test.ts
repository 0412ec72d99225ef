// What becomes of a page's own session with the voice service when its call ends, goes to another bridge, or is nobody's for a while.
import '../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallId } from '../shared/call/call.ts';
import { type CallState, newCallState } from '../shared/call/call-state.ts';
import { silentLogger } from '../shared/logger.ts';
import { WebCalls } from './web-calls.ts';

const callId = 'in-1' as CallId;
const ours: Partial<CallState> = { phase: 'active', replica: 'bridge-1' };
const theirs: Partial<CallState> = { phase: 'active', replica: 'bridge-2' };
const nobodys: Partial<CallState> = { phase: 'active' };
const ended: Partial<CallState> = { phase: 'ended' };

/** What is told of the call, look by look and then as the last, after the page left its session; how often that is ended. */
const table: Readonly<Record<string, readonly [told: readonly Partial<CallState>[], hangUps: number]>> = {
  'is ended with the call': [[ended], 1],
  "is ended when the call goes on here by the page's socket": [[ours], 1],
  'stays when the call goes on at another bridge': [[theirs], 0],
  "is ended with a call that was nobody's at first": [[nobodys, nobodys, nobodys, ended], 1],
  'stays when another bridge has the call after a while': [[nobodys, nobodys, theirs], 0],
  'is ended after a minute in which nobody had the call': [[nobodys], 1],
};

for (const [what, [told, hangUps]] of Object.entries(table))
  it(`a session that its page left ${what}`, async () => {
    const states = told.map((state) => ({ ...newCallState(callId), ...state }));
    const hungUp: string[] = [];
    const calls = new WebCalls({
      replica: 'bridge-1',
      ledger: { findLive: async () => (states.length > 1 ? states.shift() : states[0]), post: async () => 'later' },
      leases: { acquire: async () => undefined },
      hangUpDirect: async (id) => hungUp.push(id) > 0,
      log: silentLogger,
    });
    calls.chooseWay(callId, 'rtc_1')!.end();
    await sleep(90_000);
    assert.deepEqual(
      hungUp,
      Array.from({ length: hangUps }, () => 'rtc_1'),
    );
  });
