// What the bridge tells of the calls of one world as they happen, sorted by the number of the phone.
import type { LiveMessage } from '../../shared/call/live-message.ts';
import type { World } from '../world/world.ts';

interface LiveCall {
  readonly callId: string;
  readonly messages: LiveMessage[];
}

/** The names of events and their details, as far as tests look at them. */
export interface ToldEvents {
  readonly 'agent-interrupted': { readonly heardMs: number; readonly stopMs: number };
  readonly 'reply-timed': { readonly latencyMs: number };
  readonly 'tool-called': { readonly name: string; readonly ok: boolean };
  readonly 'model-opened': { readonly model: string; readonly tookMs: number };
  readonly 'model-lost': { readonly model: string; readonly code: string };
  readonly backchannel: { readonly sound: string; readonly text: string };
}

export class LiveCalls {
  readonly #byPhone = new Map<string, LiveCall>();
  #phones = new Map<string, string>();
  #changed = Promise.withResolvers<void>();
  #unwatch = () => {};

  static async open(world: World): Promise<LiveCalls> {
    const calls = new LiveCalls();
    calls.#unwatch = await world.watch((message) => calls.#take(message));
    return calls;
  }

  close(): void {
    this.#unwatch();
  }

  /** Resolves once the call with this phone has begun. */
  async callId(phone: string): Promise<string> {
    for (;;) {
      const call = this.#byPhone.get(phone);
      if (call) return call.callId;
      await this.#changed.promise;
    }
  }

  /** Resolves with the reason once the call is over, for functions and for the bridge if it took part. */
  async ended(phone: string): Promise<string | undefined> {
    for (;;) {
      const messages = this.messagesOf(phone);
      const ended = messages.find((message) => message.type === 'status' && message.status === 'ended');
      const had = (name: string) => messages.some((message) => message.type === 'event' && message.event === name);
      if (ended?.type === 'status' && (had('media-stopped') || !had('media-started'))) return ended.reason;
      await this.#changed.promise;
    }
  }

  /** Resolves at the first event of this name, or at once if it was told already. */
  async told<Name extends keyof ToldEvents>(phone: string, name: Name, nth = 1): Promise<ToldEvents[Name]> {
    for (;;) {
      const found = this.eventsOf(phone, name)[nth - 1];
      if (found) return found;
      await this.#changed.promise;
    }
  }

  messagesOf(phone: string): readonly LiveMessage[] {
    return this.#byPhone.get(phone)?.messages ?? [];
  }

  eventsOf<Name extends keyof ToldEvents>(phone: string, name: Name): readonly ToldEvents[Name][] {
    return this.messagesOf(phone).flatMap((message) =>
      message.type === 'event' && message.event === name ? [message.details as unknown as ToldEvents[Name]] : [],
    );
  }

  turnsOf(phone: string): readonly { role: string; text: string; interrupted: boolean }[] {
    return this.messagesOf(phone).flatMap((message) => {
      if (message.type !== 'transcript' || !message.final) return [];
      return [{ role: message.role, text: message.text, interrupted: message.interrupted ?? false }];
    });
  }

  #take(message: LiveMessage): void {
    const { call_id: callId } = message;
    if (message.type === 'event' && message.event === 'call-created') {
      const phone = String(message.details.remoteParty);
      this.#phones.set(callId, phone);
      this.#byPhone.set(phone, { callId, messages: [] });
    }
    const phone = this.#phones.get(callId);
    if (phone === undefined) return;
    this.#byPhone.get(phone)!.messages.push(message);
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
