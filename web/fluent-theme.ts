// Fluent's design tokens as CSS variables, light and dark: those that the style sheet uses, and no others.
import { webDarkTheme, webLightTheme } from '@fluentui/tokens';
import type { Plugin } from 'vite';

const mark = '/* fluent-tokens */';

/** Replaces the comment `fluent-tokens` of a style sheet. At build time, so that a page is in its colours before any code of it runs. */
export function fluentTheme(): Plugin {
  return {
    name: 'fluent-theme',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.css') || !code.includes(mark)) return undefined;
      return code.replace(mark, formatTokens(code));
    },
  };
}

/** Throws for a name that Fluent does not have: a misspelt variable would be no colour at all. */
export function formatTokens(css: string): string {
  const own = new Set([...css.matchAll(/^\s*--([\w-]+):/gm)].map(([, name]) => name!));
  const used = [...new Set([...css.matchAll(/var\(--([\w-]+)/g)].map(([, name]) => name!))].filter(
    (name) => !own.has(name),
  );
  const light = webLightTheme as unknown as Record<string, string | number>;
  const dark = webDarkTheme as unknown as Record<string, string | number>;
  const unknown = used.filter((name) => !(name in light));
  if (unknown.length > 0) throw new Error(`Fluent has no token named ${unknown.join(', ')}`);
  const declare = (theme: Record<string, string | number>, names: readonly string[]) =>
    names.map((name) => `--${name}:${theme[name]};`).join('');
  const differing = used.filter((name) => light[name] !== dark[name]);
  const darkRules = declare(dark, differing);
  return [
    `:root{color-scheme:light;${declare(light, used)}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${darkRules}}}`,
    `:root[data-theme=dark]{color-scheme:dark;${darkRules}}`,
  ].join('\n');
}
