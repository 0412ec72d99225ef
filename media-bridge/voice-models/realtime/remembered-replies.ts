// The replies of a session that still matter: what was received of each, and how it stands.
import type { AudioFormat } from '../../audio/audio-format.ts';
import { SpokenItems } from './spoken-items.ts';

/** Interruptions and late audio concern the last reply or two. */
const maxRemembered = 16;

export interface Reply {
  readonly id: string;
  readonly items: SpokenItems;
  hasStarted: boolean;
  isDone: boolean;
  /** The rest of it is not wanted. */
  isCut: boolean;
  /** The caller began to speak over it: the service stops it without being told. */
  isStoppedByService: boolean;
}

export class RememberedReplies {
  readonly #format: AudioFormat;
  readonly #replies = new Map<string, Reply>();

  constructor(format: AudioFormat) {
    this.#format = format;
  }

  add(id: string): Reply {
    const flags = { hasStarted: false, isDone: false, isCut: false, isStoppedByService: false };
    const reply = { id, items: new SpokenItems(this.#format), ...flags };
    this.#replies.set(id, reply);
    const [oldest] = this.#replies.keys();
    if (this.#replies.size > maxRemembered) this.#replies.delete(oldest!);
    return reply;
  }

  find(id: string): Reply | undefined {
    return this.#replies.get(id);
  }

  /** Nothing of it is wanted, and nothing of it has sounded: returns its id where that is so, and new. */
  cutUnbegun(id: string | undefined): string | undefined {
    const reply = this.#replies.get(id ?? '');
    if (!reply || reply.hasStarted || reply.isDone || reply.isCut) return undefined;
    reply.isCut = true;
    return reply.id;
  }

  /** The caller speaks. */
  stopAll(): void {
    for (const reply of this.#replies.values()) reply.isStoppedByService = true;
  }
}
