// Turns a scenario as it is written into what a scripted person does, and into what is expected of the agent meanwhile.

import type { FieldPath } from '../../shared/located-yaml.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { Expectation, ExpectedFact, Scenario } from './scenario.ts';
import type { ScenarioStep, WrittenScenario } from './scenario-file.ts';

/** Long enough to have heard what it is about. */
const defaultInterruptMs = 1_500;

/** What the schema cannot tell: steps that are never come to. */
export function findScenarioFault(scenario: WrittenScenario): { path: FieldPath; problem: string } | undefined {
  const { direction, machine, context, steps } = scenario;
  if (machine !== undefined && direction !== 'outbound')
    return { path: ['machine'], problem: 'picks up outbound calls only: direction: outbound' };
  if (context !== undefined && direction !== 'outbound')
    return { path: ['context'], problem: 'goes with outbound calls only: direction: outbound' };
  const last = steps.findIndex(endsCall);
  for (const [index, step] of steps.entries()) {
    const path = ['steps', index];
    if (machine !== undefined && !isExpectation(step)) return { path, problem: 'a machine does nothing but listen' };
    if (last >= 0 && index > last && takesTime(step)) return { path, problem: 'the call is over by then' };
  }
  return undefined;
}

/** `lineOf`: where a step is written. */
export function compileScenario(written: WrittenScenario, file: string, lineOf: (step: number) => number): Scenario {
  const { name, title, direction, machine, context, steps } = written;
  const script = steps.map(compileStep);
  // Whoever has nothing more to do on the phone hangs up.
  if (!steps.some(endsCall)) script.push({ hangUp: true });
  const expected: ExpectedFact[] = [];
  let afterLines = 0;
  for (const [index, step] of steps.entries()) {
    if (step.say !== undefined || step.interrupt !== undefined) afterLines++;
    const expectation = findExpectation(step);
    if (expectation) expected.push({ afterLines, expectation, line: lineOf(index) });
  }
  const hangsUp = script.some((step) => 'hangUp' in step);
  const end = steps.findIndex(({ ends }) => ends !== undefined);
  const usual = machine !== undefined ? 'voicemail' : hangsUp ? 'caller-hung-up' : 'agent-hung-up';
  return {
    name,
    title,
    direction,
    ...(context && { context }),
    caller: machine === undefined ? { script } : { machine },
    expected,
    ends: end < 0 ? { reason: usual } : { reason: steps[end]!.ends!, line: lineOf(end) },
    file,
    lines: steps.map((_, index) => lineOf(index)),
  };
}

function endsCall({ hang_up, ends, wait }: ScenarioStep): boolean {
  return hang_up !== undefined || ends !== undefined || wait === 'line-closed';
}

function isExpectation({ agent, tool, note, ends }: ScenarioStep): boolean {
  return [agent, tool, note, ends].some((given) => given !== undefined);
}

/** All but what can be found out when the call is over. */
function takesTime({ tool, note, ends }: ScenarioStep): boolean {
  return [tool, note, ends].every((given) => given === undefined);
}

/** One for one, so that steps keep their numbers. */
function compileStep(step: ScenarioStep): PersonStep {
  const { say, interrupt, after_ms, press, silent_ms, wait, agent, ends, within_ms: maxMs } = step;
  if (say !== undefined) return { say };
  if (interrupt !== undefined) return { afterAgentSpokeMs: after_ms ?? defaultInterruptMs, say: interrupt, maxMs };
  if (press !== undefined) return { press };
  if (silent_ms !== undefined) return { pauseMs: silent_ms };
  if (wait !== undefined) return { wait, maxMs };
  if (agent !== undefined) return { wait: 'agent-finished', maxMs };
  if (ends !== undefined) return { wait: 'line-closed', maxMs };
  return step.hang_up ? { hangUp: true } : { pauseMs: 0 };
}

function findExpectation({ agent, tool, note }: ScenarioStep): Expectation | undefined {
  if (agent !== undefined) return { says: agent };
  if (tool !== undefined) return { uses: tool };
  return note === undefined ? undefined : { notes: note };
}
