// The items of one conversation and the rules for adding, truncating and deleting them.
import type { Dialect } from './dialect.ts';
import { createWireId } from './wire-id.ts';

export type WireItem = Record<string, unknown> & { id: string; type: string };

export interface ItemRecord {
  item: WireItem;
  /** What the model takes the item for: words heard or read. Undefined for sound that was not understood. */
  text: string | undefined;
  /** Audio the model made for it. */
  audioMs: number;
  /** What to say once the output of this function call is there. */
  report?: string;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

type Added = { readonly record: ItemRecord; readonly previousId: string | null };

export class Conversation {
  readonly id = createWireId('conv');
  readonly #dialect: Dialect;
  readonly #records: ItemRecord[] = [];

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  get last(): ItemRecord | undefined {
    return this.#records.at(-1);
  }

  get lastId(): string | null {
    return this.last?.item.id ?? null;
  }

  get items(): readonly WireItem[] {
    return this.#records.map(({ item }) => item);
  }

  find(id: unknown): ItemRecord | undefined {
    return this.#records.find(({ item }) => item.id === id);
  }

  findCall(callId: unknown): ItemRecord | undefined {
    return this.#records.find(({ item }) => item.type === 'function_call' && item.call_id === callId);
  }

  /** For items the service makes itself. */
  append(item: WireItem, text?: string): Added {
    const previousId = this.lastId;
    const record: ItemRecord = { item, text, audioMs: 0 };
    this.#records.push(record);
    return { record, previousId };
  }

  /** `item` as a client sent it. */
  create(item: Record<string, unknown>, previousItemId: string | null | undefined): Added | Refusal {
    const content = (item.content ?? []) as { type: string; text?: string }[];
    if (item.role === 'assistant' && content.some(({ type }) => type === this.#dialect.audioContent)) {
      return refuse('invalid_value', 'Assistant audio cannot be created by a client.', 'item.content');
    }
    if (item.id !== undefined && this.find(item.id)) {
      return refuse('item_create_duplicate_item_id', `An item with id '${item.id}' already exists.`, 'item.id');
    }
    if (item.type === 'function_call_output' && !this.findCall(item.call_id)) {
      const message = `Tool call ID '${item.call_id}' not found in conversation.`;
      return refuse('invalid_tool_call_id', message, 'item.call_id');
    }
    const at = previousItemId === 'root' ? 0 : this.#records.findIndex(({ item }) => item.id === previousItemId) + 1;
    if (previousItemId && previousItemId !== 'root' && at === 0) {
      return refuse('invalid_value', `No item with id '${previousItemId}' was found.`, 'previous_item_id');
    }
    const index = previousItemId ? at : this.#records.length;
    const words = content.flatMap(({ text }) => text ?? []).join(' ');
    const record: ItemRecord = { item: this.#complete(item), text: words || undefined, audioMs: 0 };
    this.#records.splice(index, 0, record);
    return { record, previousId: this.#records[index - 1]?.item.id ?? null };
  }

  delete(id: unknown): Refusal | undefined {
    const record = this.find(id);
    if (!record) return refuse('item_delete_invalid_item_id', `No item with id '${id}' was found.`, 'item_id');
    this.#records.splice(this.#records.indexOf(record), 1);
    return undefined;
  }

  /** What was not heard is forgotten, and with it the whole transcript. */
  truncate(id: unknown, contentIndex: number, audioEndMs: number): Refusal | undefined {
    const record = this.find(id);
    if (!record) return refuse('invalid_value', `No item with id '${id}' was found.`, 'item_id');
    const content = (record.item.content ?? []) as { type: string }[];
    const spoken = record.item.role === 'assistant' && (content[0]?.type ?? 'audio') !== this.#dialect.textContent;
    // Seen in reports: an item of which nothing was played is refused with this as well.
    if (!spoken || record.audioMs === 0 || audioEndMs === 0) {
      const message = 'Only model output audio messages can be truncated';
      return refuse('unsupported_content_type', message, null);
    }
    if (contentIndex !== 0) return refuse('invalid_value', `There is no content ${contentIndex}.`, 'content_index');
    if (audioEndMs > record.audioMs) {
      const message = `Audio content of ${Math.round(record.audioMs)}ms is already shorter than ${audioEndMs}ms`;
      return refuse('invalid_value', message, 'audio_end_ms');
    }
    record.item = { ...record.item, content: [{ type: this.#dialect.audioContent }] };
    record.audioMs = audioEndMs;
    record.text = undefined;
    return undefined;
  }

  #complete(item: Record<string, unknown>): WireItem {
    const object = this.#dialect.itemObject ? { object: 'realtime.item' } : {};
    const status = item.type === 'function_call_output' ? {} : { status: 'completed' };
    return { id: createWireId('item'), ...object, ...status, ...item, type: String(item.type) } as WireItem;
  }
}

function refuse(code: string, message: string, param: string | null): Refusal {
  return { code, message, param };
}
