// Decides what the stand-in answers: to what it is told to say, else to the last thing in the conversation.
import type { Brain, BrainAnswer } from '../chat/brain.ts';
import type { Conversation } from './conversation.ts';

interface Text {
  readonly text?: string;
}
/** The fields of response.create that matter here, of both dialects. */
interface ResponseFields {
  readonly instructions?: string;
  readonly pre_generated_assistant_message?: { readonly content?: readonly Text[] };
  readonly input?: readonly Input[];
  readonly input_items?: readonly Input[];
}
interface Input {
  readonly type?: string;
  readonly id?: string;
  readonly content?: readonly Text[];
}

export function decideAnswer(
  brain: Brain,
  conversation: Conversation,
  toolNames: readonly string[],
  response: ResponseFields,
): BrainAnswer {
  const { instructions, pre_generated_assistant_message: ready } = response;
  if (ready) return { kind: 'say', text: join(ready.content) };
  if (instructions) return { kind: 'say', text: brain.follow(instructions) };
  const given = (response.input ?? response.input_items)?.at(-1);
  if (given && given.type !== 'item_reference') return brain.answer(join(given.content), toolNames);

  const last = given ? conversation.find(given.id) : conversation.last;
  if (last?.item.type === 'function_call_output') {
    const report = conversation.findCall(last.item.call_id)?.report ?? '{output}';
    return { kind: 'say', text: brain.report(report, String(last.item.output)) };
  }
  if (last?.item.role === 'user') return brain.answer(last.text, toolNames);
  return { kind: 'say', text: brain.follow(last?.item.role === 'system' ? (last.text ?? '') : '') };
}

function join(content: readonly Text[] = []): string {
  return content.flatMap(({ text }) => text ?? []).join(' ');
}
