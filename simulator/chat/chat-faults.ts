// What can go wrong with chat completions, as switches a test may turn at any time.

export type ChatFault =
  /** Refused; 400 with the code `content_filter` is how a prompt is refused for its words. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string }
  /** The answer ends after so many tokens, with this as its finish_reason. */
  | { readonly kind: 'length' | 'content_filter'; readonly afterTokens: number }
  /** The connection breaks after so many tokens. */
  | { readonly kind: 'broken'; readonly afterTokens: number }
  /** The connection stays, and nothing more comes after so many tokens. */
  | { readonly kind: 'stalled'; readonly afterTokens: number }
  /** Of an answer that is not streamed: this instead. */
  | { readonly kind: 'content'; readonly content: string }
  /** Ends well, without a word and without a tool call. */
  | { readonly kind: 'empty' };

export interface ChatFaults {
  /** Of the next requests, one after the other; `undefined` lets one go well. */
  readonly next: (ChatFault | undefined)[];
  /** From the request to the first token, in place of the service's own time. */
  firstTokenMs: number | undefined;
  /** What is on the wire in place of a chunk, or of an answer in one piece. */
  alter(text: string): string;
}

export function createChatFaults(): ChatFaults {
  return { next: [], firstTokenMs: undefined, alter: (text) => text };
}
