// What a client may do to single items of the conversation: create, delete, retrieve and truncate, each answered or refused.
import type { ClientEvent } from './client-event-check.ts';
import type { Conversation, Refusal } from './conversation.ts';
import type { Dialect } from './dialect.ts';
import type { Send } from './response-writer.ts';
import type { SessionLog } from './session-log.ts';

export class ItemRequests {
  readonly #dialect: Dialect;
  readonly #conversation: Conversation;
  readonly #send: Send;
  readonly #log: SessionLog;

  constructor(options: { dialect: Dialect; conversation: Conversation; send: Send; log: SessionLog }) {
    this.#dialect = options.dialect;
    this.#conversation = options.conversation;
    this.#send = options.send;
    this.#log = options.log;
  }

  create(event: ClientEvent): Refusal | undefined {
    const item = event.item as Record<string, unknown>;
    const added = this.#conversation.create(item, event.previous_item_id as string | null | undefined);
    if ('code' in added) return added;
    const fields = { previous_item_id: added.previousId, item: added.record.item };
    this.#send({ type: this.#dialect.itemAdded, ...fields });
    if (this.#dialect.tellsItemsDone) this.#send({ type: 'conversation.item.done', ...fields });
    return undefined;
  }

  delete(event: ClientEvent): Refusal | undefined {
    const refusal = this.#conversation.delete(event.item_id);
    if (refusal) return refusal;
    this.#send({ type: 'conversation.item.deleted', item_id: event.item_id });
    return undefined;
  }

  retrieve(event: ClientEvent): Refusal | undefined {
    const record = this.#conversation.find(event.item_id);
    if (record) {
      this.#send({ type: 'conversation.item.retrieved', item: record.item });
      return undefined;
    }
    const message = `No item with id '${event.item_id}' was found.`;
    return { code: 'item_retrieve_invalid_item_id', message, param: 'item_id' };
  }

  truncate(event: ClientEvent): Refusal | undefined {
    const [itemId, audioEndMs] = [String(event.item_id), Number(event.audio_end_ms)];
    const audioMs = this.#conversation.find(itemId)?.audioMs ?? 0;
    const refusal = this.#conversation.truncate(itemId, Number(event.content_index), audioEndMs);
    if (refusal) return refusal;
    this.#log.truncations.push({ itemId, audioEndMs, audioMs });
    const place = { item_id: itemId, content_index: event.content_index, audio_end_ms: audioEndMs };
    this.#send({ type: 'conversation.item.truncated', ...place });
    return undefined;
  }
}
