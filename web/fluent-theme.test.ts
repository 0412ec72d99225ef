// That the style sheet names tokens that Fluent has, and what becomes of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { formatTokens } from './fluent-theme.ts';

it('declares each token that is used in light, and in dark those that differ', () => {
  const css = formatTokens(
    'a { color: var(--colorNeutralForeground1); padding: var(--own); border-radius: var(--borderRadiusMedium) }\n--own: 1px;',
  );
  assert.match(css, /^:root\{color-scheme:light;--colorNeutralForeground1:#242424;--borderRadiusMedium:4px;\}/);
  assert.match(css, /:root\[data-theme=dark\]\{color-scheme:dark;--colorNeutralForeground1:#ffffff;\}/);
});

it('stops the build at a name that Fluent does not have', () => {
  assert.throws(() => formatTokens('a { color: var(--colourOfMagic) }'), /no token named colourOfMagic/);
  assert.ok(formatTokens(readFileSync(new URL('./console.css', import.meta.url), 'utf8')).length > 1000);
});
