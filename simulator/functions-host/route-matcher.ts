// Matches a path against a route template of the Functions host: {id} {id?} {id=7} {*rest} {id:int} {name}.{extension?}.

/** Undefined when the path is another. Throws URIError for an escape that cannot be read. */
export type RouteMatcher = (pathname: string) => Record<string, string> | undefined;

const constraints: Readonly<Record<string, string>> = {
  int: '-?\\d+',
  long: '-?\\d+',
  alpha: '[A-Za-z]+',
  bool: '(?:true|false)',
  // Nothing at all: the way to the root of a site, which an empty route is not.
  'maxlength(0)': '',
  guid: '[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}',
};

const parameterPattern = /\{(\*{0,2})(\w+)(?::([^}=?]+))?(?:=([^}]*))?(\?)?\}/g;
const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export function createRouteMatcher(template: string): RouteMatcher {
  const names: string[] = [];
  const defaults: Record<string, string> = {};

  const readSegment = (segment: string): string => {
    let source = '';
    let end = 0;
    let optional = false;
    for (const match of segment.matchAll(parameterPattern)) {
      const [whole, star, name = '', constraint, fallback, mark] = match;
      if (constraint !== undefined && !(constraint in constraints))
        throw new Error(`route "${template}": the constraint "${constraint}" is not known here`);
      const value = star ? '.*' : constraint ? constraints[constraint]! : '[^/]+?';
      const literal = segment.slice(end, match.index);
      end = match.index + whole.length;
      names.push(name);
      if (fallback !== undefined) defaults[name] = fallback;
      const mayMiss = Boolean(star || mark || fallback !== undefined);
      const alone = whole.length === segment.length;
      optional ||= mayMiss && alone;
      // A dot before an optional part goes with it: {name}.{extension?} takes "report" too.
      source += mayMiss && !alone ? `(?:${literally(literal)}(${value}))?` : `${literally(literal)}(${value})`;
    }
    source += literally(segment.slice(end));
    return optional ? `(?:/${source})?` : `/${source}`;
  };

  const source = template.split('/').filter(Boolean).map(readSegment).join('');
  const pattern = new RegExp(`^${source}/?$`, 'i');
  return (pathname) => {
    const match = pattern.exec(pathname);
    if (!match) return undefined;
    const found = names.map((name, i): [string, string | undefined] => [name, match[i + 1]]);
    return {
      ...defaults,
      ...Object.fromEntries(found.flatMap(([name, value]) => (value ? [[name, decodeURIComponent(value)]] : []))),
    };
  };
}
