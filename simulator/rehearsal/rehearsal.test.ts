// Tests of rehearsals as they are played: through carriers, bridge and models, in virtual time.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { loadAgents } from '../../shared/agents/agent.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import { loadAgentScenarios } from './agent-scenarios.ts';
import { type RehearsalOptions, rehearse } from './rehearsal.ts';
import type { Scenario } from './scenario.ts';

let agentsFolder: string;
before(async () => {
  agentsFolder = await mkdtemp(join(tmpdir(), 'parley-rehearsal-'));
});
after(() => rm(agentsFolder, { recursive: true }));

const baker = `---
name: baker
greeting: Good morning.
tools: [take_note]
---
Sell bread.
`;

async function play(scenarios: string, options: Partial<RehearsalOptions> = {}) {
  await writeFile(join(agentsFolder, 'baker.md'), baker);
  await writeFile(join(agentsFolder, 'baker.scenarios.yaml'), scenarios);
  const [own] = loadAgentScenarios(agentsFolder, loadAgents(agentsFolder));
  const lines: string[] = [];
  const print = (line: string) => void lines.push(stripVTControlCharacters(line).trim());
  const calls = await rehearse(own!, {
    agentsFolder,
    carrier: 'acs',
    keepsSound: false,
    logLevel: 'fatal',
    print,
    ...options,
  });
  const judged = lines.filter((line) => /^[✔✖]/.test(line)).map((line) => line.replace(agentsFolder, ''));
  return { calls, lines, judged };
}

it('plays what an agent brings, and says what was not as expected and where it is written', async () => {
  const { calls, lines, judged } = await play(`
answers:
  - { heard: "Two loaves, please.", tool: take_note, arguments: { text: Two loaves. }, report: I have noted two loaves. }
  - { pressed: "5", reply: Five is for rolls. }
scenarios:
  - name: order
    title: orders bread and rolls
    steps:
      - agent: good morning
      - say: Two loaves, please.
      - tool: take_note
      - agent: Three loaves
      - press: "5"
      - agent: Five is for rolls
      - say: What is the meaning of life?
      - agent: Sorry
  - name: mute
    title: waits for more than the agent has to say
    steps:
      - agent: Good morning.
      - wait: agent-finished
        within_ms: 4000
      - agent: Is anybody there?
`);
  assert.deepEqual(judged, [
    '✔ the agent says "good morning"',
    '✔ the agent uses take_note',
    // What it says to the key is not said too early: no line of the caller lies between.
    '✔ the agent says "Five is for rolls"',
    '✖ the agent says "Three loaves": it said "I have noted two loaves.", "Five is for rolls." (/baker.scenarios.yaml:12)',
    '✔ the agent says "Sorry"',
    '✔ the agent says "Good morning."',
    '✖ the caller gave up after 4 s in step 2, waiting for the agent to speak and finish (/baker.scenarios.yaml:21)',
    '✖ the agent says "Is anybody there?": it said "Good morning." (/baker.scenarios.yaml:23)',
  ]);
  assert.deepEqual(
    calls.map(({ agent, scenario, failures }) => [agent, scenario, failures]),
    [
      ['baker', 'order', 1],
      ['baker', 'mute', 2],
    ],
  );
  assert.ok(lines.includes('· the caller says "What is the meaning of life?", and the model knows no such words'));
});

for (const carrier of ['acs', 'twilio'] as const) {
  it(`plays a machine that picks up over ${carrier}, by the model that is asked for`, async () => {
    const { lines, judged } = await play(
      `
scenarios:
  - name: machine
    title: takes the call
    direction: outbound
    machine: Nobody is at home. Please leave a message after the tone.
    steps: [ends: voicemail]
`,
      { carrier, model: 'voice-live' },
    );
    assert.deepEqual(judged, ['✔ the call ends with voicemail']);
    assert.ok(lines.some((line) => /voice-live is ready/.test(line)));
  });
}

it('plays five minutes of conversation', async (t) => {
  const greeting = loadAgents('agents').get('receptionist')!;
  const exchange = [
    { say: 'What are your opening hours?' },
    { wait: 'agent-finished' },
    { say: 'Please tell me about your company.' },
    { afterAgentSpokeMs: 2_000, say: 'Stop, please.' },
    { wait: 'agent-finished' },
    { say: 'Are you open on Saturday?' },
    { wait: 'agent-finished' },
  ] as const;
  const script = [{ wait: 'agent-finished' } as const, ...Array(13).fill(exchange).flat(), { hangUp: true }];
  const scenario: Scenario = {
    name: 'long',
    title: 'asks again and again',
    direction: 'inbound',
    caller: { script },
    expected: [],
    ends: { reason: 'caller-hung-up' },
  };
  const before = process.cpuUsage();
  const [call] = await rehearse(
    { agent: greeting, scenarios: [scenario], rules: receptionistRules },
    { agentsFolder: 'agents', carrier: 'acs', keepsSound: false, logLevel: 'fatal', print: () => {} },
  );
  const { user, system } = process.cpuUsage(before);
  const [seconds, cpuSeconds] = [call!.lastedMs / 1000, (user + system) / 1e6];
  t.diagnostic(
    `${seconds.toFixed(1)} s of conversation in ${cpuSeconds.toFixed(1)} CPU s: ${(seconds / cpuSeconds).toFixed(0)} to one`,
  );
  assert.equal(call!.failures, 0);
  assert.ok(seconds > 290, `it lasted ${seconds} s`);
});
