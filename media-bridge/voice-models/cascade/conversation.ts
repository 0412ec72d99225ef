// What the chat model is shown of a call: the turns so far, each reply only as far as the caller heard it.
import type { ChatCompletionMessageParam, ChatCompletionMessageToolCall } from 'openai/resources/chat/completions';
import type { Turn } from '../../../shared/call/call.ts';

/** An hour of brisk talk makes about this many; what is older has long been acted upon. */
const maxEntries = 400;

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it. */
  readonly input: string;
}

interface Reply {
  readonly role: 'agent';
  readonly replyId: string;
  text: string;
  readonly toolCalls: { readonly call: ToolCall; output: string | undefined }[];
}

type Entry =
  | { readonly role: 'caller'; readonly text: string }
  | { readonly role: 'guidance'; readonly text: string }
  | Reply;

export class Conversation {
  readonly #instructions: string;
  readonly #entries: Entry[] = [];

  constructor(instructions: string, history: readonly Turn[]) {
    this.#instructions = instructions;
    for (const [index, { role, text }] of history.entries()) {
      if (text === '') continue;
      if (role === 'caller') this.addCaller(text);
      else this.#add({ role: 'agent', replyId: `history-${index}`, text, toolCalls: [] });
    }
  }

  addCaller(text: string): void {
    this.#add({ role: 'caller', text });
  }

  /** What we, not the caller, want the model to know or to speak about. */
  addGuidance(text: string): void {
    this.#add({ role: 'guidance', text });
  }

  addText(replyId: string, text: string): void {
    this.#getReply(replyId).text += text;
  }

  addToolCalls(replyId: string, calls: readonly ToolCall[]): void {
    this.#getReply(replyId).toolCalls.push(...calls.map((call) => ({ call, output: undefined })));
  }

  /** False for a call that nobody made or that was answered before. */
  addToolResult(toolCallId: string, output: string): boolean {
    for (const entry of this.#entries) {
      if (entry.role !== 'agent') continue;
      const slot = entry.toolCalls.find(({ call, output }) => call.id === toolCallId && output === undefined);
      if (!slot) continue;
      slot.output = output;
      return true;
    }
    return false;
  }

  /** The chat cannot go on before each of its tool calls has an answer. */
  get awaitsToolResults(): boolean {
    return this.#entries.some(
      (entry) => entry.role === 'agent' && entry.toolCalls.some(({ output }) => output === undefined),
    );
  }

  /** Interrupted: `heard` is all that was said of this reply. What it asked of tools stands. */
  cutReply(replyId: string, heard: string): void {
    const at = this.#entries.findIndex((entry) => entry.role === 'agent' && entry.replyId === replyId);
    const reply = this.#entries[at];
    if (reply?.role !== 'agent') return;
    reply.text = heard;
    if (heard === '' && reply.toolCalls.length === 0) this.#entries.splice(at, 1);
  }

  /** Takes back the caller's last words, which the service will not look at. False if there are none. */
  dropLastCaller(): boolean {
    const at = this.#entries.findLastIndex((entry) => entry.role === 'caller');
    if (at >= 0) this.#entries.splice(at, 1);
    return at >= 0;
  }

  /** `nudge`: what concerns the very next answer only. */
  formatMessages(nudge?: string): ChatCompletionMessageParam[] {
    const messages: ChatCompletionMessageParam[] = [{ role: 'system', content: this.#instructions }];
    for (const entry of this.#entries) messages.push(...formatEntry(entry));
    if (nudge !== undefined) messages.push({ role: 'system', content: nudge });
    return messages;
  }

  #getReply(replyId: string): Reply {
    const found = this.#entries.find((entry) => entry.role === 'agent' && entry.replyId === replyId);
    if (found?.role === 'agent') return found;
    const reply: Reply = { role: 'agent', replyId, text: '', toolCalls: [] };
    this.#add(reply);
    return reply;
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > maxEntries) this.#entries.shift();
  }
}

/** Tool results stand right behind the message that asked for them, whatever was said while the tools ran. */
function formatEntry(entry: Entry): ChatCompletionMessageParam[] {
  if (entry.role === 'caller') return [{ role: 'user', content: entry.text }];
  if (entry.role === 'guidance') return [{ role: 'system', content: entry.text }];
  const answered = entry.toolCalls.filter(({ output }) => output !== undefined);
  if (answered.length === 0) return entry.text === '' ? [] : [{ role: 'assistant', content: entry.text }];
  const tool_calls = answered.map(
    ({ call }): ChatCompletionMessageToolCall => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.input },
    }),
  );
  return [
    { role: 'assistant', content: entry.text === '' ? null : entry.text, tool_calls },
    ...answered.map(({ call, output }) => ({ role: 'tool' as const, tool_call_id: call.id, content: output ?? '' })),
  ];
}
