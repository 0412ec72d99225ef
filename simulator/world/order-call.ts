// Has the agent ring a phone, as clients do by the API.
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from './world.ts';

const retryMs = 500;
const mostTries = 20;

/** Resolves when the carrier is asked to dial. Rejects where it is not to be. */
export async function orderCall(world: World, order: Readonly<Record<string, unknown>>): Promise<void> {
  const ask = () => world.ask('/api/call', order);
  let answer = await ask();
  // Nothing was dialled: a store did not answer in time, as on a machine that has too much to do.
  for (let tries = 1; answer.status === 503 && tries < mostTries; tries++) {
    await sleep(retryMs);
    answer = await ask();
  }
  if (!answer.ok) throw new Error(`the call was not placed: ${answer.status} ${await answer.text()}`);
}
