// The scenarios of one agent: its own, from agents/<name>.scenarios.yaml, or those of the demo.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentProfile, AgentProfiles } from '../../shared/agents/agent.ts';
import { AppError } from '../../shared/errors.ts';
import { parseLocatedYaml } from '../../shared/located-yaml.ts';
import type { BrainRule, BrainRules } from '../chat/brain.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import { simplifyWords } from '../chat/spoken-words.ts';
import { type Scenario, scenariosOfDemo } from './scenario.ts';
import { scenarioFileSchema, type WrittenAnswer } from './scenario-file.ts';
import { compileScenario, findScenarioFault } from './scenario-script.ts';

export interface AgentScenarios {
  readonly agent: AgentProfile;
  readonly scenarios: readonly Scenario[];
  /** What the stand-in models know to answer. */
  readonly rules: BrainRules;
}

const ending = '.scenarios.yaml';

/** In the order of the agents' files. A file that belongs to no agent is a mistake, and told. */
export function loadAgentScenarios(folder: string, agents: AgentProfiles): readonly AgentScenarios[] {
  for (const file of readdirSync(folder)) {
    if (!file.endsWith(ending) || agents.has(file.slice(0, -ending.length))) continue;
    const names = [...agents.keys()].join(', ');
    throw new AppError('BAD_SETTING', `${join(folder, file)}: there is no agent of this name; there are: ${names}`);
  }
  return [...agents.values()].map((agent) => {
    const file = join(folder, `${agent.name}${ending}`);
    if (!existsSync(file)) return { agent, scenarios: scenariosOfDemo, rules: receptionistRules };
    return parseAgentScenarios(file, readFileSync(file, 'utf8'), agent);
  });
}

export function parseAgentScenarios(file: string, text: string, agent: AgentProfile): AgentScenarios {
  const { data, lineOf, complain } = parseLocatedYaml(file, text, scenarioFileSchema);
  const names = new Set<string>();
  for (const [index, scenario] of data.scenarios.entries()) {
    const path = ['scenarios', index];
    if (names.has(scenario.name)) throw complain([...path, 'name'], 'there is another scenario of this name');
    names.add(scenario.name);
    const fault = findScenarioFault(scenario);
    if (fault) throw complain([...path, ...fault.path], fault.problem);
  }
  const own = new Map<string, BrainRule>();
  for (const [index, answer] of data.answers.entries()) {
    const rule = formatRule(answer);
    const words = simplifyWords(rule.heard);
    if (own.has(words)) throw complain(['answers', index], 'there is another answer to this');
    own.set(words, rule);
    if (answer.tool !== undefined && !agent.tools.includes(answer.tool))
      throw complain(['answers', index, 'tool'], `the agent has no such tool; it has: ${agent.tools.join(', ')}`);
  }
  const scenarios = data.scenarios.map((scenario, index) =>
    compileScenario(scenario, file, (step) => lineOf(['scenarios', index, 'steps', step])),
  );
  const { demo, otherwise = receptionistRules.otherwise } = data;
  const others = demo ? receptionistRules.phrases.filter(({ heard }) => !own.has(simplifyWords(heard))) : [];
  return {
    agent,
    scenarios: [...(demo ? scenariosOfDemo.filter(({ name }) => !names.has(name)) : []), ...scenarios],
    rules: { phrases: [...own.values(), ...others], otherwise },
  };
}

function formatRule({ heard, pressed, reply, tool, report, arguments: given = {} }: WrittenAnswer): BrainRule {
  // What the bridge tells the model of keys.
  const trigger = heard ?? `The caller pressed the ${pressed!.length > 1 ? 'keys' : 'key'} ${pressed}.`;
  if (reply !== undefined) return { heard: trigger, reply };
  return { heard: trigger, tool: { name: tool!, arguments: given, report: report! } };
}
