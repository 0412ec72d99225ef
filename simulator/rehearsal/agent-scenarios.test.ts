// Tests of scenario files: what they mean, and what is said of each mistake, with its place.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadAgents, parseAgent } from '../../shared/agents/agent.ts';
import { callEndReasons } from '../../shared/call/call.ts';
import { loadAgentScenarios, parseAgentScenarios } from './agent-scenarios.ts';

const agent = parseAgent('baker.md', '---\nname: baker\ntools: [take_note, hang_up]\n---\nSell bread.');
const read = (text: string) => parseAgentScenarios('agents/baker.scenarios.yaml', text, agent);

const order = `
answers:
  - heard: Two loaves, please.
    reply: Two loaves it is.
  - pressed: "9"
    tool: take_note
    arguments: { text: Pressed nine. }
    report: I noted {output.kept}.
otherwise: What?
scenarios:
  - name: order
    title: orders bread
    steps:
      - agent: good morning
      - say: Two loaves, please.
      - agent: Two loaves
        within_ms: 5000
      - interrupt: Stop.
      - interrupt: Stop again.
        after_ms: 300
      - wait: agent-speaking
      - press: "9#"
      - tool: take_note
      - note: nine
      - silent_ms: 250
      - hang_up: true
`;

describe('a scenario file', () => {
  it('gives the caller a step for each that is written, and the agent what is expected of it', () => {
    const { scenarios, rules } = read(order);
    assert.deepEqual(scenarios, [
      {
        name: 'order',
        title: 'orders bread',
        direction: 'inbound',
        caller: {
          script: [
            { wait: 'agent-finished', maxMs: undefined },
            { say: 'Two loaves, please.' },
            { wait: 'agent-finished', maxMs: 5000 },
            { afterAgentSpokeMs: 1500, say: 'Stop.', maxMs: undefined },
            { afterAgentSpokeMs: 300, say: 'Stop again.', maxMs: undefined },
            { wait: 'agent-speaking', maxMs: undefined },
            { press: '9#' },
            { pauseMs: 0 },
            { pauseMs: 0 },
            { pauseMs: 250 },
            { hangUp: true },
          ],
        },
        expected: [
          { afterLines: 0, expectation: { says: 'good morning' }, line: 14 },
          { afterLines: 1, expectation: { says: 'Two loaves' }, line: 16 },
          { afterLines: 3, expectation: { uses: 'take_note' }, line: 23 },
          { afterLines: 3, expectation: { notes: 'nine' }, line: 24 },
        ],
        ends: { reason: 'caller-hung-up' },
        file: 'agents/baker.scenarios.yaml',
        lines: [14, 15, 16, 18, 19, 21, 22, 23, 24, 25, 26],
      },
    ]);
    assert.deepEqual(rules, {
      phrases: [
        { heard: 'Two loaves, please.', reply: 'Two loaves it is.' },
        {
          heard: 'The caller pressed the key 9.',
          tool: { name: 'take_note', arguments: { text: 'Pressed nine.' }, report: 'I noted {output.kept}.' },
        },
      ],
      otherwise: 'What?',
    });
  });

  it('lets the caller hang up when nothing more is to do, or the agent when that is expected', () => {
    const [brief, polite] = read(`
scenarios:
  - { name: brief, title: listens, steps: [agent: hello] }
  - { name: polite, title: listens, steps: [say: Goodbye., ends: agent-hung-up] }
`).scenarios;
    assert.deepEqual(brief!.caller, { script: [{ wait: 'agent-finished', maxMs: undefined }, { hangUp: true }] });
    assert.deepEqual(brief!.ends, { reason: 'caller-hung-up' });
    assert.deepEqual(polite!.caller, { script: [{ say: 'Goodbye.' }, { wait: 'line-closed', maxMs: undefined }] });
    assert.deepEqual(polite!.ends, { reason: 'agent-hung-up', line: 4 });
  });

  it('puts a machine in the place of the person', () => {
    const [scenario] = read(`
scenarios:
  - name: voicemail
    title: takes a message
    direction: outbound
    machine: Leave a message.
    steps: [agent: call us back]
`).scenarios;
    assert.deepEqual(scenario!.caller, { machine: 'Leave a message.' });
    assert.deepEqual(scenario!.ends, { reason: 'voicemail' });
  });

  it('takes what the demo has besides, but its own under the same name', () => {
    const { scenarios, rules } = read(`
demo: true
answers: [{ heard: hello, reply: Good day. }]
scenarios: [{ name: question, title: greets, steps: [say: Hello.] }]
`);
    assert.deepEqual(
      scenarios.map(({ name, title }) => (name === 'question' ? title : name)),
      ['tour', 'interruption', 'tool', 'hang-up', 'greets'],
    );
    assert.deepEqual(
      rules.phrases.filter(({ heard }) => /^hello/i.test(heard)),
      [{ heard: 'hello', reply: 'Good day.' }],
    );
    assert.ok(rules.phrases.some(({ heard }) => heard === 'Goodbye.'));
  });

  const scenario = (fields: string) => `scenarios:\n  - name: a\n    title: b\n${fields}`;
  const steps = (...list: string[]) => scenario(`    steps:\n${list.map((step) => `      - ${step}\n`).join('')}`);
  const answers = (...list: string[]) =>
    `answers:\n${list.map((answer) => `  - ${answer}\n`).join('')}${steps('say: x')}`;
  const verbs = 'say, interrupt, press, silent_ms, wait, hang_up, agent, tool, note, ends';
  const mistakes: Record<string, readonly [text: string, ...problems: string[]]> = {
    'not YAML': ['scenarios:\n  - name: "a', '2:13: Missing closing "quote'],
    'the same field twice': ['demo: true\ndemo: false\n', '2:1: Map keys must be unique'],
    nothing: ['', '1:1: must be fields with values'],
    'a step without a field': [steps('Hello.'), '5:9: scenarios[1].steps[1]: must be fields with values'],
    'no scenarios': ['demo: true\n', '1:1: scenarios: is missing'],
    'an unknown field': [`${steps('say: x')}extra: 1\n`, '6:1: extra: there is no such field'],
    'an unknown field of a step': [
      steps('say: x', 'say: y\n        loud: true'),
      '7:9: scenarios[1].steps[2].loud: there is no such field',
    ],
    'a missing title': ['scenarios:\n  - name: a\n    steps: [say: x]\n', '2:5: scenarios[1].title: is missing'],
    'a name with a space': [
      steps('say: x').replace('name: a', 'name: a b'),
      '2:5: scenarios[1].name: must be of lower-case letters, digits and dashes',
    ],
    'two scenarios of one name': [
      'scenarios:\n  - { name: a, title: b, steps: [say: x] }\n  - { name: a, title: c, steps: [say: x] }\n',
      '3:7: scenarios[2].name: there is another scenario of this name',
    ],
    'a step of nothing': [
      steps('within_ms: 5'),
      `5:9: scenarios[1].steps[1]: a step is one of ${verbs}`,
      '5:9: scenarios[1].steps[1].within_ms: goes with interrupt, wait, agent, ends only',
    ],
    'a step of two': [
      steps('say: x', 'say: y\n        press: "1"'),
      `7:9: scenarios[1].steps[2].press: a step is one of ${verbs}`,
    ],
    'after_ms without interrupt': [
      steps('say: x\n        after_ms: 5'),
      '6:9: scenarios[1].steps[1].after_ms: goes with interrupt only',
    ],
    'a time that is none': [steps('silent_ms: soon'), '5:9: scenarios[1].steps[1].silent_ms: must be a number'],
    'keys without quotes': [steps('press: 12'), '5:9: scenarios[1].steps[1].press: must be text; put it in quotes'],
    'words that YAML takes for a truth': [
      steps('say: true'),
      '5:9: scenarios[1].steps[1].say: must be text; put it in quotes',
    ],
    'what nobody can say': [
      steps('say: "…"', 'say: 你好', 'agent: "?"'),
      '5:9: scenarios[1].steps[1].say: must have a word that an English voice can speak',
      '6:9: scenarios[1].steps[2].say: must have a word that an English voice can speak',
      '7:9: scenarios[1].steps[3].agent: must have a word',
    ],
    'an end that there is not': [
      steps('ends: gone'),
      `5:9: scenarios[1].steps[1].ends: must be one of ${callEndReasons.join(', ')}`,
    ],
    'steps after the end': [steps('hang_up: true', 'say: x'), '6:9: scenarios[1].steps[2]: the call is over by then'],
    'a machine that rings us': [
      scenario('    machine: x\n    steps: [ends: voicemail]\n'),
      '4:5: scenarios[1].machine: picks up outbound calls only: direction: outbound',
    ],
    'a machine that speaks': [
      scenario('    direction: outbound\n    machine: x\n    steps:\n      - say: x\n'),
      '7:9: scenarios[1].steps[1]: a machine does nothing but listen',
    ],
    'an answer to nothing': [answers('reply: x'), '2:5: answers[1]: must say either heard or pressed'],
    'an answer of nothing': [answers('heard: x'), '2:5: answers[1]: must say either reply or tool'],
    'a tool that has no report': [
      answers('{ heard: x, tool: hang_up }'),
      '2:5: answers[1]: tool and report go together',
    ],
    'a tool that the agent has not': [
      answers('{ heard: x, reply: y }', '{ heard: y, tool: current_time, report: z }'),
      '3:17: answers[2].tool: the agent has no such tool; it has: take_note, hang_up',
    ],
    'two answers to the same words': [
      answers('{ heard: x, reply: y }', '{ heard: X!, reply: z }'),
      '3:5: answers[2]: there is another answer to this',
    ],
  };
  for (const [mistake, [text, ...problems]] of Object.entries(mistakes)) {
    it(`names the place of ${mistake}`, () => {
      assert.throws(
        () => read(text),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'BAD_SETTING');
          assert.deepEqual(
            error.message.split('\n'),
            problems.map((problem) => `agents/baker.scenarios.yaml:${problem}`),
          );
          return true;
        },
      );
    });
  }
});

it('names the file in which an alias means nothing', () => {
  assert.throws(() => read('scenarios: *others'), {
    message: 'agents/baker.scenarios.yaml: Unresolved alias (the anchor must be set before the alias): others',
  });
});

describe('the scenarios of a folder', () => {
  const inFolder = (files: Record<string, string>, test: (folder: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-scenarios-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    try {
      test(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const baker = '---\nname: baker\n---\nSell bread.';

  it('are those of the demo for an agent that brings none', () => {
    inFolder({ 'baker.md': baker }, (folder) => {
      const [found] = loadAgentScenarios(folder, loadAgents(folder));
      assert.deepEqual(
        found!.scenarios.map(({ name }) => name),
        ['tour', 'question', 'interruption', 'tool', 'hang-up'],
      );
    });
  });

  it('are refused when nobody is there to play them', () => {
    const own = 'scenarios: [{ name: a, title: b, steps: [say: x] }]';
    inFolder({ 'baker.md': baker, 'bakr.scenarios.yaml': own }, (folder) => {
      assert.throws(() => loadAgentScenarios(folder, loadAgents(folder)), {
        message: `${folder}/bakr.scenarios.yaml: there is no agent of this name; there are: baker`,
      });
    });
  });
});

it('the agents that come with Parley bring scenarios that can be read', () => {
  const found = loadAgentScenarios('agents', loadAgents('agents'));
  assert.deepEqual(
    found.map(({ agent, scenarios }) => [agent.name, scenarios.length]),
    [
      ['receptionist', 8],
      ['screening', 4],
    ],
  );
});
