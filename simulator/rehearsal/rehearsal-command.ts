// What `npm run rehearse` does: finds what was asked for, plays it, and sums it up.
import { styleText } from 'node:util';
import { z } from 'zod';
import { loadAgents } from '../../shared/agents/agent.ts';
import { phoneCarriers, voiceModelKinds } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { VirtualTime } from '../virtual-time/virtual-time.ts';
import { type AgentScenarios, loadAgentScenarios } from './agent-scenarios.ts';
import type { RehearsedCall } from './rehearsal.ts';
import { nameCaller } from './scenario.ts';

/** As on the command line. */
export interface RehearsalOrder {
  readonly agent?: string | undefined;
  readonly scenario?: string | undefined;
  readonly carrier?: string | undefined;
  readonly model?: string | undefined;
  readonly wav?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly help?: boolean | undefined;
  readonly usage: string;
}

const choices = z.object({
  carrier: z.enum(phoneCarriers, `--carrier must be ${phoneCarriers.join(' or ')}.`).default('acs'),
  model: z.enum(voiceModelKinds, `--model must be one of ${voiceModelKinds.join(', ')}.`).optional(),
});

/** Returns the code to exit with. */
export async function runRehearsal(order: RehearsalOrder, time: VirtualTime): Promise<number> {
  try {
    const agentsFolder = process.env.AGENTS_FOLDER ?? 'agents';
    const all = loadAgentScenarios(agentsFolder, loadAgents(agentsFolder));
    if (order.help) {
      console.log(`${order.usage}\n\n${formatList(all)}`);
      return 0;
    }
    const { carrier, model } = readChoices(order);
    const chosen = choose(all, order);
    const { rehearse } = await import('./rehearsal.ts');
    const calls: RehearsedCall[] = [];
    for (const agent of chosen) {
      const logLevel = order.verbose ? 'info' : 'error';
      const options = { agentsFolder, carrier, model, logLevel, keepsSound: order.wav ?? false, print: console.log };
      calls.push(...(await rehearse(agent, options)));
    }
    console.log(formatSummary(calls, time.realMs));
    return calls.some(({ failures }) => failures > 0) ? 1 : 0;
  } catch (error) {
    console.error(error instanceof AppError ? error.message : error);
    return 1;
  }
}

function readChoices(order: RehearsalOrder): z.output<typeof choices> {
  const parsed = choices.safeParse({ carrier: order.carrier, model: order.model });
  if (parsed.success) return parsed.data;
  throw new AppError('BAD_REQUEST', parsed.error.issues.map(({ message }) => message).join('\n'));
}

function choose(all: readonly AgentScenarios[], order: RehearsalOrder): readonly AgentScenarios[] {
  if (order.agent === undefined) return all;
  const found = all.find(({ agent }) => agent.name === order.agent);
  if (!found) {
    const names = all.map(({ agent }) => agent.name).join(', ');
    throw new AppError('BAD_REQUEST', `There is no agent "${order.agent}". There are: ${names}.`);
  }
  if (order.scenario === undefined) return [found];
  const scenarios = found.scenarios.filter(({ name }) => name === order.scenario);
  if (scenarios.length > 0) return [{ ...found, scenarios }];
  const names = found.scenarios.map(({ name }) => name).join(', ');
  throw new AppError('BAD_REQUEST', `${order.agent} has no scenario "${order.scenario}". It has: ${names}.`);
}

function formatList(all: readonly AgentScenarios[]): string {
  const lists = all.map(({ agent, scenarios }) => {
    const list = scenarios.map(
      (scenario) => `  ${scenario.name.padEnd(16)}  the ${nameCaller(scenario)} ${scenario.title}`,
    );
    return [styleText('bold', agent.name), ...list].join('\n');
  });
  return lists.join('\n\n');
}

function formatSummary(calls: readonly RehearsedCall[], realMs: number): string {
  const lines = calls.map(({ agent, scenario, lastedMs, failures }) => {
    const label = `${agent} ${scenario}`.padEnd(32);
    const seconds = `${(lastedMs / 1000).toFixed(1).padStart(6)} s`;
    if (failures === 0) return `${styleText('green', '✔')} ${label} ${styleText('dim', seconds)}`;
    return `${styleText('red', `✖ ${label}`)} ${styleText('dim', seconds)}  ${failures} not as expected`;
  });
  const failed = calls.filter(({ failures }) => failures > 0).length;
  const virtualS = calls.reduce((sum, { lastedMs }) => sum + lastedMs, 0) / 1000;
  const outcome = failed === 0 ? 'all as expected' : `${failed} not as expected`;
  const count = calls.length === 1 ? '1 call' : `${calls.length} calls`;
  const times = `${virtualS.toFixed(1)} s of conversation in ${(realMs / 1000).toFixed(1)} s`;
  return [...lines, styleText('bold', `${count}, ${outcome}: ${times}`)].join('\n');
}
