// What makes an agent profile, and what its author is told when it does not.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadAgents, parseAgent } from './agent.ts';

describe('an agent profile', () => {
  it('needs a name and instructions, and has defaults for the rest', () => {
    assert.deepEqual(parseAgent('a.md', '---\nname: a\n---\n\nBe kind.\n'), {
      name: 'a',
      language: 'en-US',
      languages: [],
      models: ['gpt-realtime'],
      voices: {},
      tools: [],
      transfer_targets: {},
      on_machine: 'hang-up',
      filler: 'One moment, please.',
      lines_busy: 'All our lines are busy at the moment. Please call again later. Goodbye.',
      dead_air: { filler_after_seconds: 1.6, ask_again_after_seconds: 4, next_model_after_seconds: 8 },
      phrases: [],
      instructions: 'Be kind.',
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
    assert.deepEqual(agent.transfer_targets, { desk: '+15550100' });
    assert.equal(agent.instructions, 'First line.\r\n---\r\nA rule above.');
  });

  for (const [what, text, said] of [
    ['has no front matter', 'Be kind.', /front matter/],
    ['has front matter that is not YAML', '---\nname: [a\n---\nBe kind.', /not YAML/],
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
    ['has no instructions', '---\nname: a\n---\n  \n', /instructions/],
  ] as const)
    it(`is refused, by its file's name, when it ${what}`, () => {
      assert.throws(
        () => parseAgent('broken.md', text),
        (error: Error) => {
          assert.equal((error as { code?: string }).code, 'BAD_SETTING');
          assert.match(error.message, /^broken\.md: /);
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
    assert.throws(() => loadAgents(folder), { code: 'BAD_SETTING', message: /^b\.md: .*same/ });
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
