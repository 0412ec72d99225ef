// Tells the API that whoever talked has hung up, until it is kept: the bridge that was told by the socket may be lost before it is.
import type { TalkTicket } from '../../shared/console-api.ts';
import { ApiError, ask } from '../api-client.ts';

/** The bridge writes it down first, as a rule; together they are longer than a store commonly is away. */
const pausesMs = [1_000, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Never rejects. `isLeaving`: nothing of this page runs on after this. */
export async function tellHungUp({ protocols }: TalkTicket, isLeaving: boolean): Promise<void> {
  for (const pauseMs of isLeaving ? [0, ...pausesMs] : pausesMs) {
    // What a page asks for as it goes has to be asked for at once.
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      await ask('/api/talk/hang-up', { protocols });
      return;
    } catch (error) {
      if (isFinal(error)) return;
    }
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}
