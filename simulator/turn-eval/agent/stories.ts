// What the evaluated agent says: long replies that can be interrupted, short ones, and which question gets which.
import type { BrainRules } from '../../chat/brain.ts';
import { hums } from '../sounds/hums.ts';
import {
  asides,
  hesitations,
  longInterruptions,
  longQuestions,
  shortInterruptions,
  shortQuestions,
  spokenBackchannels,
} from '../sounds/phrases.ts';

export const greeting = 'Good morning. How can I help you?';

const longReplies = [
  'That takes a little patience. First we take the table apart and look at every joint. Then the parts are put together again and rest for two days. After that the top is sanded by hand, always along the grain. At last it gets three thin coats of oil, and each of them has to dry for a night.',
  'Our shop was opened by two sisters, more than sixty years ago. In the first years they made nothing but chairs for schools. Later they bought the mill behind the river, and with it came the big saws that you still hear today. When the older sister retired, her son took over the workshop. Today we are forty people, and most of them have learned their craft with us.',
  'There are a few things that people should know before they choose. Wood works all the time, it takes water from the air and gives it back. So a table should never stand beside a stove or in the full sun. For cleaning take a damp cloth and nothing else. Once a year it likes a little oil, and then it will outlive all of us without any trouble.',
  'It begins with a plank that has dried for three years. From it we cut the legs and the back, and turn them on a lathe until they are round and smooth. The seat is carved out of one piece, so that it fits the person who sits on it. Before it leaves the house we load it with two hundred kilos over night, and only then it gets our name on the bottom.',
  'Let me tell you how that works in our house. Whatever we sell is covered for ten years, and it does not matter who owns it by then. Small repairs are done at your home, large ones in our workshop, and the transport is on us. The only thing that is not covered is damage by water, because nobody can say where it came from.',
] as const;

const shortReplies = [
  'We are open from nine to five, Monday to Friday.',
  'Yes, that is no problem at all.',
  'Right behind the house, and it is free.',
] as const;

const deal = (questions: readonly string[], replies: readonly string[], from = 0) =>
  questions.map((heard, n) => ({ heard, reply: replies[(from + n) % replies.length]! }));
const of = (bank: { readonly tune: readonly string[]; readonly score: readonly string[] }) => [
  ...bank.tune,
  ...bank.score,
];

export const storyRules: BrainRules = {
  phrases: [
    ...deal(of(shortQuestions), shortReplies),
    ...deal(
      Object.values(hesitations).flatMap((bank) => bank.map(({ begins, goesOn }) => `${begins} ${goesOn}`)),
      shortReplies,
      1,
    ),
    ...deal(of(longQuestions), longReplies),
    ...deal(of(longInterruptions), longReplies, 1),
    ...deal(of(shortInterruptions), longReplies, 3),
    // Wrong as it is: who answers a nod goes on at length, who answers an aside is done soon.
    ...deal(
      [...of(spokenBackchannels), ...Object.values(hums).flatMap((bank) => bank.map(({ text }) => text))],
      longReplies,
    ),
    ...deal(of(asides), shortReplies),
  ],
  otherwise: 'Excuse me, I did not understand that.',
};
