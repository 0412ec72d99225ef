// What happened in a call before a realtime session was opened, as items of its conversation.
import type { Turn } from '../../../shared/call/call.ts';
import { formatAgentText, formatCallerText } from './realtime-messages.ts';

/** In the order in which they are to be sent. */
export function formatPastItems(
  history: readonly Turn[],
  agentTextType: Parameters<typeof formatAgentText>[1],
): readonly string[] {
  return history.map(({ role, text }, index) =>
    role === 'caller' ? formatCallerText(`past_${index + 1}`, text) : formatAgentText(text, agentTextType),
  );
}
