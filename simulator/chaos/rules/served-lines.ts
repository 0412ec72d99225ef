// Rule 4: nobody is dialled twice, and no line is open for long that nobody serves.
import type { Rule } from '../violation.ts';
import { subtract } from './lines-down.ts';

const longestUnservedMs = 120_000;

export const servedLines: Rule = {
  name: 'served lines',
  find: ({ calls, endedMs }) =>
    calls.flatMap(({ plan: { number }, dials, line, sockets, isOpen }) => {
      const open = line && { fromMs: line.fromMs, toMs: isOpen ? endedMs : line.toMs };
      const [unserved] = open ? subtract(open, sockets) : [];
      return [
        ...(dials > 1 ? [{ number, what: `the carrier was asked ${dials} times to ring one phone` }] : []),
        ...(unserved && unserved.toMs - unserved.fromMs > longestUnservedMs
          ? [{ number, atMs: unserved.fromMs, what: 'a line is open that nobody serves' }]
          : []),
      ];
    }),
};
