// Reads host.json as Azure's host binds it, and refuses what that host cannot bind.
import { readFileSync } from 'node:fs';
import { AppError } from '../../shared/errors.ts';
import { parseTimeSpan } from './time-span.ts';

export interface HostSettings {
  readonly routePrefix: string;
  /** Of every answer. HSTS is not among them: the host sends it over https only. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** Brings the types of all triggers but HTTP and timer. */
  readonly hasExtensionBundle: boolean;
}

const dayMs = 86_400_000;
const levels = new Set(['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']);

const isBoolean = (text: string) => /^\s*(true|false)\s*$/i.test(text);
const isInt32 = (text: string) => /^\s*-?\d+\s*$/.test(text) && Number(text) === (Number(text) | 0);
const isTimeSpan = (text: string) => parseTimeSpan(text) !== undefined;
/** -1 day stands for none. */
const isTimeout = (text: string) =>
  isTimeSpan(text) && (parseTimeSpan(text)! >= 1000 || parseTimeSpan(text) === -dayMs);
const isPackageId = (text: string) => /^\w+([.-]\w+)*$/.test(text);
const isVersionRange = (text: string) => /^\s*([[(]\s*[\d.*]*\s*,\s*[\d.*]*\s*[\])]|\[?[\d.*]+\]?)\s*$/.test(text);

/** What the host itself and its HTTP extension read; what they do not know they leave alone. */
const rules: readonly [path: RegExp, holds: (text: string) => boolean, rule: string][] = [
  [/^version$/, (text) => text === '2.0', 'must be "2.0"'],
  [/^functionTimeout$/i, isTimeout, 'must be a .NET TimeSpan of a second or more, like 00:05:00, or -1'],
  [/^extensionBundle:id$/i, isPackageId, 'must be the id of a package'],
  [/^extensionBundle:version$/i, isVersionRange, 'must be a range like [4.*, 5.0.0)'],
  [/^extensions:http:(maxOutstandingRequests|maxConcurrentRequests)$/i, isInt32, 'must be an integer of 32 bits'],
  [
    /^extensions:http:(dynamicThrottlesEnabled|hsts:(isEnabled|includeSubDomains|preload))$/i,
    isBoolean,
    'must be true or false',
  ],
  [
    /^extensions:http:hsts:maxAge$/i,
    isTimeSpan,
    'must be a .NET TimeSpan: a bare number counts days, at most 10675199',
  ],
  [/^logging:logLevel:.+$/i, (text) => levels.has(text.toLowerCase()), 'must be a log level like Information'],
];
/** Each where its section is there at all. */
const required = ['version', 'extensions:http:hsts:isEnabled', 'extensionBundle:id', 'extensionBundle:version'];

/**
 * Throws BAD_SETTING, naming every value that is wrong. The real host starts all the same with some of them, and then answers
 * 500 to every request: see HostHstsOptionsSetup and ScriptJobHostOptionsSetup in Azure/azure-functions-host.
 */
export function readHostSettings(folder: string): HostSettings {
  const values = new Map(flatten(parse(readFileSync(`${folder}/host.json`, 'utf8'))));
  const find = (path: string) => [...values].find(([name]) => name.toLowerCase() === path.toLowerCase())?.[1];
  const has = (section: string) => section === '' || [...values.keys()].some((name) => isIn(section, name));
  const missing = required.filter((path) => find(path) === undefined && has(sectionOf(path)));
  const wrong = [...values].flatMap(([path, text]) => {
    const [, holds, rule] = rules.find(([pattern]) => pattern.test(path)) ?? [];
    return holds === undefined || holds(text) ? [] : [`${path} is "${text}", but ${rule}`];
  });
  const problems = [...missing.map((path) => `${path} is missing`), ...wrong];
  if (problems.length > 0) throw new AppError('BAD_SETTING', `host.json: ${problems.join('; ')}`);
  const headers = [...values].filter(([name]) => isIn('extensions:http:customHeaders', name));
  return {
    routePrefix: find('extensions:http:routePrefix') ?? 'api',
    customHeaders: Object.fromEntries(headers.map(([name, text]) => [name.slice(name.lastIndexOf(':') + 1), text])),
    hasExtensionBundle: has('extensionBundle'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('BAD_SETTING', 'host.json: is not JSON');
  }
}

/** .NET keeps settings as text below the path to them, whose case does not matter. */
function flatten(value: unknown, path: readonly string[] = []): [path: string, text: string][] {
  if (typeof value !== 'object' || value === null) return [[path.join(':'), value === null ? '' : String(value)]];
  return Object.entries(value).flatMap(([name, member]) => flatten(member, [...path, name]));
}

function sectionOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(':')));
}

function isIn(section: string, path: string): boolean {
  return path.toLowerCase().startsWith(`${section.toLowerCase()}:`);
}
