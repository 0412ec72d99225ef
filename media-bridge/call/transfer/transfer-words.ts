// What is said about a transfer: to the person who is asked, and to the caller when it came to nothing.
import type { TransferOutcome } from '../../../shared/call/transfer-outcome.ts';
import type { WordedRequest } from '../../voice-models/voice-model.ts';

const reasons: Readonly<Record<TransferOutcome, string>> = {
  busy: 'the line is busy',
  'no-answer': 'nobody answers',
  declined: 'they cannot take the call now',
  voicemail: 'only an answering machine picked up',
  'hung-up': 'they hung up before you were connected',
  unreachable: 'the number cannot be reached',
  'not-allowed': 'we may not call them now',
  interrupted: 'the line was interrupted',
  failed: 'something went wrong',
};

/** For the agent, who has the caller again. */
export function createFailureWords(target: string, outcome: TransferOutcome): WordedRequest {
  const said = `I am sorry, I could not connect you to ${target}: ${reasons[outcome]}.`;
  return {
    instructions: `The caller has been waiting on hold to be handed over, in vain. Tell them in your own words: "${said}" Then offer what else you can do, for example to take a note.`,
  };
}

/** For the agent, whose caller an operator has handed over. */
export function createHoldWords(target: string): WordedRequest {
  return {
    instructions: `The caller is being connected to ${target}. Tell them so in one short sentence, and ask them to hold the line. Say nothing else.`,
  };
}
