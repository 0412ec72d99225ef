// Tests that no text becomes markup.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { XmlElement } from './xml.ts';

describe('an XML element', () => {
  it('holds attributes, text and other elements in their order', () => {
    const child = new XmlElement('b', { n: 1, yes: true }, 'one');
    assert.equal(
      new XmlElement('a', {}, 'x', child, new XmlElement('c', {})).toString(),
      '<a>x<b n="1" yes="true">one</b><c/></a>',
    );
  });

  it('lets no text out of its place', () => {
    const text = `"/><x y='z'>&amp;`;
    assert.equal(
      new XmlElement('a', { v: text }, text).toString(),
      `<a v="&quot;/&gt;&lt;x y='z'&gt;&amp;amp;">"/&gt;&lt;x y='z'&gt;&amp;amp;</a>`,
    );
  });

  it('keeps line ends, and leaves out what XML cannot hold', () => {
    assert.equal(
      new XmlElement('a', { v: 'a\tb\nc' }, 'x\r\0\x1b\ufffey\ud800').toString(),
      '<a v="a&#x9;b&#xA;c">x&#xD;y\ufffd</a>',
    );
  });
});
