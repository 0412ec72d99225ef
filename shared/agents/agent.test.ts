// What makes an agent profile, and what its author is told when it does not.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadAgents, parseAgent } from './agent.ts';

describe('an agent profile', () => {
  it('needs a name and instructions, and has defaults for the rest', () => {
    const { turn_taking, dead_air, silence, longest_call, keys, recording, memory, outcome, tool_settings, ...rest } =
      parseAgent('a.md', '---\nname: a\n---\n\nBe kind.\n');
    assert.deepEqual(rest, {
      name: 'a',
      language: 'en-US',
      languages: [],
      time_zone: 'UTC',
      models: ['gpt-realtime'],
      voices: {},
      phrases: [],
      on_machine: 'hang-up',
      filler: 'One moment, please.',
      lines_busy: 'All our lines are busy at the moment. Please call again later. Goodbye.',
      context: {},
      questions: {},
      tools: [],
      http_tools: {},
      mcp_servers: {},
      transfer_targets: {},
      instructions: 'Be kind.',
      hash: rest.hash,
      source: '---\nname: a\n---\n\nBe kind.\n',
    });
    assert.deepEqual(turn_taking, {
      decided_by: 'bridge',
      eagerness: 'medium',
      backchannels: true,
      minimum_words: 0,
      adapts: true,
      must_be_heard: [],
    });
    assert.deepEqual(dead_air, { filler_after_seconds: 1.6, ask_again_after_seconds: 4, next_model_after_seconds: 8 });
    assert.deepEqual(silence, { after_seconds: 12, reprompts: 2 });
    assert.deepEqual(longest_call, { minutes: 30, warn_before_seconds: 60 });
    assert.deepEqual(keys, { pause_seconds: 2, end_key: '#', max_digits: 32, questions: {} });
    assert.deepEqual(recording, { enabled: false, consent: 'announce', keep_days: 30 });
    assert.deepEqual(memory, { enabled: false, calls: 3, keep_days: 90, resume_within_minutes: 10 });
    assert.deepEqual(outcome, { enabled: true, fields: {} });
    assert.deepEqual(tool_settings, {
      search_jobs: { results: 3 },
      commute: { travel_mode: 'driving', countries: [] },
      send_digits: { pause_ms: 500 },
      schedule_callback: { within_days: 14 },
    });
  });

  it('has limits of dead air that leave room for one another', () => {
    const limitsOf = (lines: string) => parseAgent('a.md', `---\nname: a\ndead_air:\n${lines}\n---\nBe kind.`).dead_air;
    assert.deepEqual(limitsOf('  ask_again_after_seconds: 5'), {
      filler_after_seconds: 1.6,
      ask_again_after_seconds: 5,
      next_model_after_seconds: 8,
    });
    assert.throws(() => limitsOf('  ask_again_after_seconds: 9'), /must grow from filler_after_seconds/);
    assert.throws(() => limitsOf('  filler_after_seconds: 4'), /must grow/);
  });

  it('has words of its own only where it speaks English', () => {
    const german = parseAgent('a.md', '---\nname: a\nlanguage: de-DE\n---\nBe kind.');
    assert.deepEqual([german.filler, german.lines_busy], [undefined, undefined]);
    const fillerOf = (lines: string) => parseAgent('a.md', `---\nname: a\n${lines}\n---\nBe kind.`).filler;
    assert.equal(fillerOf('language: en-GB'), 'One moment, please.');
    assert.equal(fillerOf('language: de-DE'), undefined);
    assert.equal(fillerOf('language: de-DE\nfiller: Einen Moment, bitte.'), 'Einen Moment, bitte.');
  });

  it('is another version when a word of it changes', () => {
    const hashOf = (words: string) => parseAgent('a.md', `---\nname: a\n---\n${words}`).hash;
    assert.match(hashOf('Be kind.'), /^[0-9a-f]{16}$/);
    assert.equal(hashOf('Be kind.'), hashOf('Be kind.'));
    assert.notEqual(hashOf('Be kind.'), hashOf('Be kind!'));
  });

  it('takes everything it may say, with the line ends of Windows too', () => {
    const text = [
      '---',
      'name: sales',
      'greeting: "Hello: you?"',
      'models: [cascade, voice-live]',
      'voices: { cascade: en-US-AvaMultilingualNeural }',
      'tools: [hang_up]',
      'transfer_targets: { desk: "+15550100" }',
      'on_machine: leave-message',
      'voicemail_message: Call us back.',
      '---',
      'First line.',
      '---',
      'A rule above.',
      '',
    ].join('\r\n');
    const agent = parseAgent('sales.md', text);
    assert.equal(agent.greeting, 'Hello: you?');
    assert.deepEqual(agent.models, ['cascade', 'voice-live']);
    assert.deepEqual(agent.transfer_targets, {
      desk: { numbers: ['+15550100'], handover: 'warm', ring_seconds: 25 },
    });
    assert.equal(agent.instructions, 'First line.\r\n---\r\nA rule above.');
  });

  it('hands over to people who have several numbers and are there at certain hours', () => {
    const { transfer_targets } = parseAgent(
      'a.md',
      [
        '---',
        'name: a',
        'transfer_targets:',
        '  sales:',
        '    description: Sells chairs.',
        '    numbers: ["+15550101", "8:orgid:00000000-0000-4000-8000-000000000002"]',
        '    hours: { time_zone: Europe/Berlin, open: { mon-fri: 09:00-17:00 }, closed_on: [2026-12-25] }',
        '    handover: cold',
        '---',
        'Be kind.',
      ].join('\n'),
    );
    const { hours, ...sales } = transfer_targets.sales!;
    assert.deepEqual(sales, {
      description: 'Sells chairs.',
      numbers: ['+15550101', '8:orgid:00000000-0000-4000-8000-000000000002'],
      handover: 'cold',
      ring_seconds: 25,
    });
    assert.equal(hours?.timeZone, 'Europe/Berlin');
  });

  it('is told every line and field that is wrong, at once', () => {
    const text = [
      '---',
      'name: a',
      'silence:',
      '  reprompts: many',
      'recording: { consent: maybe }',
      'http_tools:',
      '  order:',
      '    description: Finds an order.',
      '    url: https://api.contoso.example/{tenant}/orders',
      'colour: blue',
      '---',
      'Be kind.',
    ].join('\r\n');
    assert.throws(() => parseAgent('agents/a.md', text), {
      code: 'BAD_SETTING',
      message: [
        'agents/a.md:4:3: silence.reprompts: must be a number',
        'agents/a.md:5:14: recording.consent: must be one of announce, ask',
        "agents/a.md:9:5: http_tools.order.url: {tenant} is none of the input's properties",
        'agents/a.md:10:1: colour: there is no such field',
      ].join('\n'),
    });
  });

  for (const [what, text, said] of [
    ['has no front matter', 'Be kind.', /front matter/],
    ['has front matter that is not YAML', '---\nname: [a\n---\nBe kind.', /^broken\.md:3:1: /],
    ['has a field twice', '---\nname: a\nname: b\n---\nBe kind.', /^broken\.md:3:1: .*unique/],
    ['has no name', '---\nlanguage: en-US\n---\nBe kind.', /name/],
    ['has a name unfit for a URL', '---\nname: A b\n---\nBe kind.', /name/],
    ['has a word that means nothing', '---\nname: a\ngreetings: Hi\n---\nBe kind.', /greetings/],
    ['names an unknown model', '---\nname: a\nmodels: [oracle]\n---\nBe kind.', /models/],
    ['names no model', '---\nname: a\nmodels: []\n---\nBe kind.', /models/],
    [
      'has a number for a transfer target',
      '---\nname: a\ntransfer_targets: {d: +15550100}\n---\nBe kind.',
      /transfer_targets/,
    ],
    [
      'leaves a message that it does not have',
      '---\nname: a\non_machine: leave-message\n---\nBe.',
      /voicemail_message/,
    ],
    [
      'hands over to nobody',
      '---\nname: a\ntools: [hang_up, transfer_to_human]\n---\nBe.',
      /^broken\.md:3:18: tools\[2\]: transfer_to_human needs transfer_targets/,
    ],
    ['speaks no language', '---\nname: a\nlanguage: english!\n---\nBe.', /^broken\.md:3:1: language: .*BCP 47/],
    [
      'uses what nobody says',
      '---\nname: a\n---\nBe kind.\n\nYou call {{candidate}}.',
      /^broken\.md:6: \{\{candidate\}\} is not in context/,
    ],
    [
      'greets somebody who may have no name',
      '---\nname: a\ncontext: { who: The caller. }\ngreeting: Hello {{who}}.\n---\nBe.',
      /^broken\.md:4:1: greeting: \{\{who\}\} needs words/,
    ],
    ['has a brace too few', '---\nname: a\n---\nBe {{today}.', /^broken\.md:4: has braces/],
    ['has no instructions', '---\nname: a\n---\n  \n', /^broken\.md:4: .*instructions/],
    ['ends with its front matter', '---\nname: a\n---', /instructions/],
    [
      'warns after the end',
      '---\nname: a\nlongest_call: { minutes: 1, warn_before_seconds: 60 }\n---\nBe.',
      /^broken\.md:3:29: longest_call\.warn_before_seconds: must be less/,
    ],
    [
      'sends a secret of the house elsewhere',
      '---\nname: a\nwebhook: { url: "https://a.example", secret: AZURE_OPENAI_API_KEY }\n---\nBe.',
      /webhook\.secret: .*AGENT_SECRET_/,
    ],
    [
      'sends what callers say over an open line',
      '---\nname: a\nwebhook: { url: "http://a.example", secret: AGENT_SECRET_A }\n---\nBe.',
      /webhook\.url: .*https/,
    ],
    [
      'lets the model choose a host',
      '---\nname: a\nhttp_tools: { t: { description: d, url: "https://{host}.example/" } }\n---\nBe.',
      /http_tools\.t\.url: .*host/,
    ],
    [
      'wants what no schema of ours can check',
      '---\nname: a\nhttp_tools: { t: { description: d, url: "https://a.example/", input: { type: object, properties: { x: { if: {}, then: {} } } } } }\n---\nBe.',
      /http_tools\.t\.input: .*cannot be checked/,
    ],
    [
      'opens on a day that there is not',
      '---\nname: a\ntransfer_targets: { d: { numbers: ["+15550100"], hours: { open: { someday: 09:00-17:00 } } } }\n---\nBe.',
      /hours\.open\.someday: must be days/,
    ],
    [
      'opens later than it closes',
      '---\nname: a\ntransfer_targets: { d: { numbers: ["+15550100"], hours: { open: { mon: 17:00-09:00 } } } }\n---\nBe.',
      /hours\.open\.mon.*: must be hours/,
    ],
  ] as const)
    it(`is refused, by its file's name, when it ${what}`, () => {
      assert.throws(
        () => parseAgent('broken.md', text),
        (error: Error) => {
          assert.equal((error as { code?: string }).code, 'BAD_SETTING');
          assert.match(error.message, /^broken\.md:/);
          assert.match(error.message, said);
          return true;
        },
      );
    });
});

describe('a folder of agents', () => {
  const folderOf = (t: { after(fn: () => void): void }, files: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-agents-'));
    t.after(() => rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  };
  const agent = (name: string) => `---\nname: ${name}\n---\nBe kind.`;

  it('gives its agents by name, and leaves other files alone', (t) => {
    const folder = folderOf(t, { 'b.md': agent('b'), 'a.md': agent('a'), 'notes.txt': 'not an agent' });
    assert.deepEqual([...loadAgents(folder).keys()], ['a', 'b']);
  });

  it('has each name once', (t) => {
    const folder = folderOf(t, { 'a.md': agent('same'), 'b.md': agent('same') });
    assert.throws(() => loadAgents(folder), { code: 'BAD_SETTING', message: /b\.md: .*same/ });
  });

  it('is not empty', (t) => {
    assert.throws(() => loadAgents(folderOf(t, {})), { code: 'BAD_SETTING' });
  });

  it('is there', () => {
    assert.throws(() => loadAgents('/nowhere/at/all'), { code: 'BAD_SETTING', message: /AGENTS_FOLDER/ });
  });

  it('that comes with Parley is sound', () => {
    assert.ok(loadAgents(new URL('../../agents', import.meta.url).pathname).has('receptionist'));
  });
});
