// Rehearses an agent: plays its scenarios one after the other in a world of their own, prints each call and what is wrong with it.
import { styleText } from 'node:util';
import type { Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import { type AnsweringMachineReport, createAnsweringMachine } from '../caller/answering-machine.ts';
import { conversationWav } from '../caller/call-wav.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonEvent, PersonReport } from '../caller/person-script.ts';
import { startScenarioWorld } from '../scenarios/scenario-world.ts';
import type { Speak } from '../voice/speech.ts';
import { createAgentSettings } from '../world/agent-settings.ts';
import { CallPrinter } from '../world/call-printer.ts';
import { playCall } from '../world/played-call.ts';
import { keepSound, type World } from '../world/world.ts';
import type { AgentScenarios } from './agent-scenarios.ts';
import { ConversationCheck, type Verdict } from './conversation-check.ts';
import { nameCaller, type Scenario } from './scenario.ts';

export interface RehearsalOptions {
  readonly agentsFolder: string;
  readonly carrier: Carrier;
  /** Tried first; the agent's own order without it. */
  readonly model?: VoiceModelKind | undefined;
  readonly keepsSound: boolean;
  readonly logLevel: string;
  readonly print: (line: string) => void;
}

export interface RehearsedCall {
  readonly agent: string;
  readonly scenario: string;
  readonly lastedMs: number;
  /** What did not go as the scenario says; 0 when all did. */
  readonly failures: number;
}

/** The scenarios are played as they are given; what the stand-in models know is all of the agent's. */
export async function rehearse(
  { agent, scenarios, rules }: AgentScenarios,
  options: RehearsalOptions,
): Promise<readonly RehearsedCall[]> {
  const { agentsFolder, model, logLevel } = options;
  const world = await startScenarioWorld({
    timeScale: 1,
    rules,
    settings: {
      ...createAgentSettings(agentsFolder, process.env),
      AGENTS_FOLDER: agentsFolder,
      DEFAULT_AGENT: agent.name,
      LOG_LEVEL: logLevel,
      ...(model && { VOICE_MODEL: model }),
    },
  });
  const known = rules.phrases.map(({ heard }) => heard);
  try {
    const calls: RehearsedCall[] = [];
    for (const scenario of scenarios) {
      const number = `+1555012${String(calls.length).padStart(4, '0')}`;
      calls.push(await playScenario(world, { scenario, agent: agent.name, number, known }, options));
    }
    return calls;
  } finally {
    await world.stop();
  }
}

interface Part {
  readonly scenario: Scenario;
  readonly agent: string;
  readonly number: string;
  readonly known: readonly string[];
}

async function playScenario(
  world: World,
  { scenario, agent, number, known }: Part,
  { carrier, model, keepsSound, print }: RehearsalOptions,
): Promise<RehearsedCall> {
  const { name, title, direction, context } = scenario;
  print(`${styleText('bold', `${agent} ${name}`)}  The ${nameCaller(scenario)} ${title}.`);
  const printer = new CallPrinter(print, { showsCallIds: false });
  const check = new ConversationCheck({
    scenario,
    known,
    tell: (verdict) => print(formatVerdict(verdict, scenario.file)),
  });
  const phone = await createPhone(scenario, world.standIns.voice.speak, (event) => {
    if (event.type === 'started-saying' && !check.knows(event.text))
      print(`${margin}${styleText('dim', `· the caller says "${event.text}", and the model knows no such words`)}`);
    check.see(event);
  });
  // Twilio's stand-in has no ear to tell machines by: the agent has to find out by its own.
  world.standIns.twilio.faults.amd.answeredBy = 'machine' in scenario.caller ? 'unknown' : 'human';
  const startedMs = performance.now();
  const plan = { number, carrier, direction, agent, model, context, phone };
  const { report } = await playCall<PersonReport | AnsweringMachineReport>(world, plan, (message) => {
    printer.show(message);
    check.hear(message);
  });
  const lastedMs = performance.now() - startedMs;
  check.finish('outcome' in report ? report : undefined);
  if (keepsSound) print(`${margin}Sound: ${await keepSound(`${agent}-${name}`, conversationWav(report))}`);
  print('');
  return { agent, scenario: name, lastedMs, failures: check.failures };
}

async function createPhone({ caller }: Scenario, speak: Speak, onEvent: (event: PersonEvent) => void) {
  if ('script' in caller) return createPerson({ script: caller.script, speak, onEvent });
  return createAnsweringMachine({ greeting: await speak(caller.machine) });
}

/** Under what is said. */
const margin = ' '.repeat(10);

function formatVerdict({ ok, text, line }: Verdict, file: string | undefined): string {
  if (ok) return `${margin}${styleText('green', '✔')} ${styleText('dim', text)}`;
  const place = line === undefined ? '' : styleText('dim', ` (${file}:${line})`);
  return `${margin}${styleText('red', `✖ ${text}`)}${place}`;
}
