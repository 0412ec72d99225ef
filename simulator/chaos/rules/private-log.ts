// Rule 7: no log holds a number, a word or a key of somebody, or a secret.
import type { Rule } from '../violation.ts';

const tokenPattern = /eyJ[\w-]+\.[\w-]+/;

export const privateLog: Rule = {
  name: 'private log',
  find({ calls, log, secrets }) {
    const words = calls.flatMap(({ plan, events }) => [
      plan.number.slice(1),
      ...plan.script.flatMap((step) => ('say' in step ? [step.say] : 'press' in step ? [`"${step.press}"`] : [])),
      ...events.flatMap((event) => (event.type === 'turn-finished' && event.text.length > 8 ? [event.text] : [])),
    ]);
    const plants = [...new Set([...words, ...secrets])];
    return log.flatMap((line) => {
      const found = plants.find((plant) => line.includes(plant)) ?? tokenPattern.exec(line)?.[0];
      return found === undefined ? [] : [{ what: `"${found}" is in the log: ${line.slice(0, 300)}` }];
    });
  },
};
