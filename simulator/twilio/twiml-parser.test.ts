// What counts as TwiML.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTwiml } from './twiml-parser.ts';

describe('parseTwiml', () => {
  it('reads verbs, attributes and what lies within', () => {
    const verbs = parseTwiml(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><!-- greet --><Say>Tom &amp; &quot;Ann&quot; &#x41;</Say><Connect action="/a?b=1&amp;c=2"><Stream url=\'wss://h/p\'><Parameter name="token" value="x"/></Stream></Connect></Response>',
    );
    assert.deepEqual(
      verbs.map(({ name, text }) => [name, text]),
      [
        ['Say', 'Tom & "Ann" A'],
        ['Connect', ''],
      ],
    );
    assert.equal(verbs[1]!.attributes.action, '/a?b=1&c=2');
    assert.deepEqual(verbs[1]!.children[0]!.attributes, { url: 'wss://h/p' });
    assert.deepEqual(verbs[1]!.children[0]!.children[0]!.attributes, { name: 'token', value: 'x' });
  });

  it('reads an empty response', () => {
    assert.deepEqual(parseTwiml('<Response/>'), []);
  });

  for (const text of [
    '',
    'hello',
    '<Say>hello</Say>',
    '<Response>',
    '<Response></Say></Response>',
    '<Response/><Response/>',
    '<Response><Say a="1" a="2"/></Response>',
    '<Response><Say a=1/></Response>',
    '<Response><Say>Tom & Ann</Say></Response>',
    '<Response><Say>&nbsp;</Say></Response>',
    '<Response><Say',
  ]) {
    it(`refuses ${text || 'nothing'}`, () => {
      assert.throws(() => parseTwiml(text));
    });
  }
});
