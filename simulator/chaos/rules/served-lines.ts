// Rule 4: nobody is dialled twice, and no line is open for long that nobody serves.
import type { Rule } from '../violation.ts';
import { subtract } from './lines-down.ts';
import { findHandedOver } from './owed-replies.ts';

const longestUnservedMs = 120_000;

export const servedLines: Rule = {
  name: 'served lines',
  find: (world) =>
    world.calls.flatMap((call) => {
      const {
        plan: { number },
        dials,
        line,
        sockets,
        isOpen,
      } = call;
      const open = line && { fromMs: line.fromMs, toMs: isOpen ? world.endedMs : line.toMs };
      const [unserved] = open ? subtract(open, [...sockets, ...findHandedOver(world, call)]) : [];
      return [
        ...(dials > 1 ? [{ number, what: `the carrier was asked ${dials} times to ring one phone` }] : []),
        ...(unserved && unserved.toMs - unserved.fromMs > longestUnservedMs
          ? [{ number, atMs: unserved.fromMs, what: 'a line is open that nobody serves' }]
          : []),
      ];
    }),
};
