// What callers say, by why they say it. No sentence is in both halves.
import type { InHalves } from './half.ts';

export interface Hesitation {
  readonly begins: string;
  /** After a pause in which it is still the caller's turn. */
  readonly goesOn: string;
}

/** Answered in a sentence or two. */
export const shortQuestions: InHalves<string> = {
  tune: ['What are your opening hours?', 'Are you open on Saturday?', 'Where can I park my car?'],
  score: ['Do you take credit cards?', 'Which bus goes to your shop?', 'When do you close on Friday?'],
};

/** Answered at such length that people nod, cough and interrupt meanwhile. */
export const longQuestions: InHalves<string> = {
  tune: ['How do you repair an old table?', 'Tell me about your history.', 'What should I know about oak?'],
  score: ['How is a chair made?', 'Explain the guarantee to me.', 'How do I look after walnut?'],
};

export const hesitations: InHalves<Hesitation> = {
  tune: [
    { begins: 'I would like to know if', goesOn: 'you also repair chairs.' },
    { begins: 'My order number is', goesOn: 'four seven one nine.' },
    { begins: 'Can you tell me whether the', goesOn: 'green sofa is still there?' },
  ],
  score: [
    { begins: 'I am looking for a', goesOn: 'desk for two children.' },
    { begins: 'We wanted to ask about', goesOn: 'the delivery on Monday.' },
    { begins: 'It has to be here before', goesOn: 'the end of next week.' },
  ],
};

/** All of them last 0.8 s or more. */
export const longInterruptions: InHalves<string> = {
  tune: [
    'Wait, I have another question.',
    'No, that is not what I meant.',
    'Sorry, could you say that again?',
    'Actually, I need a sofa instead.',
    'That is too expensive for me.',
    'Can I speak to somebody else?',
    'I already know all of that.',
  ],
  score: [
    'Hold on, let me write that down.',
    'Excuse me, which day did you say?',
    'Stop, I wanted to cancel my order.',
    'But I ordered the white one.',
    'How much would that cost me?',
    'Please go back to the first point.',
    'My neighbour told me something else.',
  ],
};

/** All of them last less than 0.8 s. */
export const shortInterruptions: InHalves<string> = {
  tune: ['Wait.', 'No.', 'Sorry?', 'Hold on.'],
  score: ['Stop.', 'What?', 'Not that.', 'Excuse me.'],
};

/** Those that are words. The others are hummed. */
export const spokenBackchannels: InHalves<string> = {
  tune: ['Yeah.', 'I see.', 'Sure.', 'Yep.'],
  score: ['Okay.', 'Right.', 'Yes.', 'Got it.'],
};

/** Said to somebody else in the room. */
export const asides: InHalves<string> = {
  tune: [
    'Just a second, I am on the phone.',
    'Put it on the table, please.',
    'Can you close the door?',
    'Not now, darling.',
  ],
  score: [
    'Hold on, not you.',
    'I will be there in a minute.',
    'Give that to your sister.',
    'Turn the radio down, please.',
  ],
};
