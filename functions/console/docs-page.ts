// The API's document as a page to read: no script, nothing from elsewhere.
import { createHash } from 'node:crypto';
import type { RouteHandler } from '../route-handler.ts';

/** As far as this page shows it. */
interface Shown {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, ShownOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}
interface ShownOperation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: unknown }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema?: unknown }>>;

const style = `
:root{color-scheme:light dark;--line:light-dark(#d1d1d1,#525252);--soft:light-dark(#f5f5f5,#1f1f1f);--accent:light-dark(#0f548c,#62abf5)}
body{font:15px/1.5 "Segoe UI",system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:light-dark(#242424,#fff);background:light-dark(#fff,#292929)}
a{color:var(--accent)}
article{border-top:1px solid var(--line);padding:1rem 0}
h2{font-size:1rem;font-family:ui-monospace,Consolas,monospace;margin:0;overflow-wrap:anywhere}
b{color:var(--accent)}
pre{background:var(--soft);padding:.75rem;border-radius:4px;overflow:auto;font-size:13px}
summary{cursor:pointer}
`;
const styleHash = createHash('sha256').update(style).digest('base64');

export function createDocsHandler(document: object): RouteHandler {
  const body = formatPage(document as Shown);
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'`,
  };
  return async () => ({ body, headers });
}

function formatPage({ info, paths = {}, components }: Shown): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => formatOperation(method, path, operation)),
  );
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<article id="${escapeHtml(name)}"><h2>${escapeHtml(name)}</h2>${formatSchema(schema)}</article>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)} API</title><style>${style}</style></head><body><main>
<h1>${escapeHtml(info.title)} API</h1><p>${escapeHtml(info.description ?? '')} <a href="/api/openapi.json">openapi.json</a></p>
${[...operations, ...schemas].join('\n')}</main></body></html>`;
}

function formatOperation(method: string, path: string, operation: ShownOperation): string {
  const { summary = '', description = '', parameters = [], requestBody, responses } = operation;
  const given = parameters.map((parameter) => `<li><code>${escapeHtml(parameter.name)}</code> in ${parameter.in}</li>`);
  const answers = Object.entries(responses).map(([status, { content }]) => formatContent(`Answer ${status}`, content));
  return `<article><h2><b>${method.toUpperCase()}</b> ${escapeHtml(path)}</h2><p>${escapeHtml(summary)}. ${escapeHtml(description)}</p>
${given.length > 0 ? `<ul>${given.join('')}</ul>` : ''}${formatContent('Body', requestBody?.content)}${answers.join('')}</article>`;
}

function formatContent(title: string, content: Content | undefined): string {
  const schema = content?.['application/json']?.schema;
  return schema === undefined ? '' : `<details><summary>${title}</summary>${formatSchema(schema)}</details>`;
}

function formatSchema(schema: unknown): string {
  return `<pre tabindex="0">${escapeHtml(JSON.stringify(schema, undefined, 2))}</pre>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
