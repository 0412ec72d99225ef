// Tests of what is sent to be spoken.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatSsml } from './speech-synthesizer.ts';

it('writes SSML that says any text word for word', () => {
  assert.equal(
    formatSsml(`Tom & Jerry's "<b>"`, 'en-US', 'en-US-AvaMultilingualNeural'),
    '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">' +
      '<voice name="en-US-AvaMultilingualNeural">Tom &amp; Jerry&apos;s &quot;&lt;b&gt;&quot;</voice></speak>',
  );
});

it('leaves out what XML cannot hold', () => {
  const ssml = formatSsml('a\u0000b\u001bc\ud800d\uffffe', 'en-US', 'v');
  assert.match(ssml, />a b c\ufffdd e</);
});
