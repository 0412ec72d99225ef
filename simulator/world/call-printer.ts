// Prints a call as it happens: who says what, interruptions, latencies, and the end.
import { styleText } from 'node:util';
import type { LiveMessage } from '../../shared/call/live-message.ts';

const width = 9;

export class CallPrinter {
  readonly #print: (line: string) => void;
  readonly #showsCallIds: boolean;
  readonly #startedAt = new Map<string, number>();
  readonly #latenciesMs = new Map<string, number[]>();

  /** Without call ids where one call is played after the other. */
  constructor(print: (line: string) => void, { showsCallIds = true } = {}) {
    this.#print = print;
    this.#showsCallIds = showsCallIds;
  }

  show(message: LiveMessage): void {
    const { call_id: callId } = message;
    if (!this.#startedAt.has(callId)) this.#startedAt.set(callId, message.at);
    const line = this.#format(message);
    if (line === undefined) return;
    const seconds = ((message.at - this.#startedAt.get(callId)!) / 1000).toFixed(1).padStart(6);
    this.#print(`${styleText('dim', `${this.#label(callId)}${seconds} s`)}  ${line}`);
    if (message.type === 'status' && message.status === 'ended') this.#sumUp(callId);
  }

  #label(callId: string): string {
    return this.#showsCallIds ? `${callId.slice(-6)} ` : '';
  }

  #format(message: LiveMessage): string | undefined {
    switch (message.type) {
      case 'status': {
        const reason = message.reason ? ` (${message.reason})` : '';
        return `${styleText('yellow', '☎'.padEnd(2))}${message.status}${reason}`;
      }
      case 'transcript': {
        if (!message.final) return undefined;
        const name = message.role.padEnd(width);
        const cut = message.interrupted ? styleText('red', ' ✂ interrupted') : '';
        return `${styleText(message.role === 'agent' ? 'cyan' : 'green', name)}${message.text}${cut}`;
      }
      case 'event':
        return this.#formatEvent(message.call_id, message.event, message.details);
      default:
        return message satisfies never;
    }
  }

  #formatEvent(callId: string, event: string, details: Record<string, unknown>): string | undefined {
    const dim = (text: string) => styleText('dim', `· ${text}`);
    switch (event) {
      case 'reply-timed': {
        const latencyMs = Number(details.latencyMs);
        this.#latenciesMs.set(callId, [...(this.#latenciesMs.get(callId) ?? []), latencyMs]);
        return dim(`answered ${latencyMs} ms after the caller's turn ended`);
      }
      case 'agent-interrupted':
        return dim(`barge-in: agent stopped in ${details.stopMs} ms; the caller had heard ${details.heardMs} ms of it`);
      case 'backchannel':
        return dim(`listened to: ${details.text || details.sound}, ${details.lengthMs} ms`);
      case 'model-opened':
        return dim(`${details.model} is ready after ${details.tookMs} ms`);
      case 'model-lost':
        return styleText('red', `· ${details.model} is lost: ${details.code}`);
      case 'tool-called':
        return dim(`tool ${details.name}: ${details.ok ? 'done' : 'failed'} in ${details.tookMs} ms`);
      case 'note-taken':
        return dim(`note: ${details.text}`);
      case 'dtmf-received':
        return dim(`key ${details.digit}`);
      case 'call-created':
        return dim(`${details.direction} call over ${details.carrier}, agent ${details.agent}`);
      case 'answered-by':
        return dim(
          details.answeredBy === 'unknown' ? 'who answered is not known' : `answered by a ${details.answeredBy}`,
        );
      default:
        return undefined;
    }
  }

  #sumUp(callId: string): void {
    const latencies = (this.#latenciesMs.get(callId) ?? []).toSorted((a, b) => a - b);
    this.#latenciesMs.delete(callId);
    if (latencies.length === 0) return;
    const median = latencies[Math.floor(latencies.length / 2)];
    const answers = latencies.length === 1 ? '1 answer' : `${latencies.length} answers`;
    // Under what is said.
    const margin = ' '.repeat(`${this.#label(callId)}   0.0 s  `.length);
    this.#print(styleText('dim', `${margin}${answers}, median ${median} ms, slowest ${latencies.at(-1)} ms`));
  }
}
