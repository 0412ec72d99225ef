// Chooses the files of a folder that azd, or Azure Functions Core Tools, would put into the package of a functions app.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';

/** Paths with slashes, from the folder. */
export type PackageRules = (folder: string) => readonly string[];

function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

function readIgnoreFile(folder: string): string | undefined {
  const file = join(folder, '.funcignore');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** As azd does with `remoteBuild: false`: .funcignore in the manner of git, node_modules and all else included. */
export const azdRules: PackageRules = (folder) => {
  const text = readIgnoreFile(folder);
  const isIgnored = text === undefined ? () => false : createGitIgnore(text);
  return listFiles(folder).filter((path) => {
    const parts = path.split('/');
    const name = basename(path);
    if (name === '.funcignore' || name === 'local.settings.json' || parts.slice(0, -1).includes('.azure')) return false;
    const folders = parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
    return !folders.some((parent) => isIgnored(parent, true)) && !isIgnored(path, false);
  });
};

/** Whether azd would refuse `remoteBuild: false` because of what .funcignore says of node_modules. */
export function wantsRemoteBuild(funcIgnore: string): boolean {
  return createGitIgnore(funcIgnore)('node_modules', true);
}

/** Git's rules: the last line that fits decides; one with a slash before its end is meant from the root. */
function createGitIgnore(text: string): (path: string, isFolder: boolean) => boolean {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const isException = line.startsWith('!');
      const pattern = line.replace(/^!/, '').replace(/\/$/, '');
      const isAnchored = pattern.includes('/');
      const parts = pattern
        .replace(/^\//, '')
        .split('**/')
        .map((part) => part.split('**').map(escapeGlob).join('.*'));
      const body = parts.join('(.*/)?');
      const onlyFolders = line.endsWith('/');
      return { isException, onlyFolders, expression: new RegExp(`^${isAnchored ? '' : '(.*/)?'}${body}$`) };
    });
  return (path, isFolder) => {
    const last = rules.findLast((rule) => (isFolder || !rule.onlyFolders) && rule.expression.test(path));
    return last !== undefined && !last.isException;
  };
}

function escapeGlob(text: string): string {
  return text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
}

/** As `func azure functionapp publish` does: every pattern is the beginning of a path, and any exception beats any pattern. */
export const coreToolsRules: PackageRules = (folder) => {
  const lines = (readIgnoreFile(folder) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const ignored = createPrefixes(lines.filter((line) => !line.startsWith('!')));
  const kept = createPrefixes(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)));
  const never = new Set(['.funcignore', '.gitignore', 'local.settings.json', 'project.lock.json']);
  return listFiles(folder).filter((path) => {
    if (never.has(basename(path)) || path.split('/').some((part) => part === '.git' || part === '.vscode'))
      return false;
    return kept(path) || !ignored(path);
  });
};

function createPrefixes(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const alternatives = patterns.map((pattern) => {
    const literal = pattern.replace(/^\//, '').replace(/[-[\]/{}()+?.\\^$|]/g, '\\$&');
    return `(${literal.replaceAll('**', '(.+)').replaceAll('*', '([^\\/]+)')})`;
  });
  const expression = new RegExp(`^(${alternatives.join('|')})\\b`);
  return (path) => expression.test(path);
}
