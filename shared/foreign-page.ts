// Keeps web pages away from doors on this machine that ask for no key: a browser runs whatever page its user looks at.
import { isLoopback } from './config.ts';
import { AppError } from './errors.ts';

/** By its name in small letters. */
export type ReadHeader = (name: string) => string | string[] | null | undefined;

/**
 * Throws FORBIDDEN for a request of a page from elsewhere, for one to a name that somebody has made to point to this
 * machine, whose pages would be no foreigners here, and for one through a tunnel, which says that it is to this machine.
 */
export function refuseForeignPage(read: ReadHeader): void {
  const origin = one(read('origin'));
  const isForeign = origin !== undefined ? !isHere(origin) : one(read('sec-fetch-site')) === 'cross-site';
  if (isForeign) throw new AppError('FORBIDDEN', 'a web page from elsewhere is not served here without API_KEY');
  if (!isHere(`http://${one(read('host'))}`))
    throw new AppError('FORBIDDEN', 'without API_KEY only programs on this machine are served, by its own name');
  if (!tunnelHeaders.every((name) => listParts(read(name)).every(isHereOrNobody)))
    throw new AppError('FORBIDDEN', 'what comes through a tunnel or a proxy is served with API_KEY only');
}

/** A host that hands requests on to us within this machine sets them too. */
const tunnelHeaders = ['x-forwarded-host', 'x-forwarded-for'];

function listParts(header: ReturnType<ReadHeader>): readonly string[] {
  return [header].flat().flatMap((text) => (text ?? '').split(',').map((part) => part.trim()));
}

function isHereOrNobody(address: string): boolean {
  const bare = address.replace(/^::ffff:/i, '');
  return bare === '' || isHere(`http://${bare}`) || isHere(`http://[${bare}]`);
}

/** Throws UNSUPPORTED_MEDIA_TYPE: any page may send text and forms wherever it likes, and JSON only where it is allowed to. */
export function refuseOtherThanJson(read: ReadHeader): void {
  const type = one(read('content-type'));
  if (type !== undefined && !/^application\/([\w.+-]+\+)?json *(;|$)/i.test(type))
    throw new AppError('UNSUPPORTED_MEDIA_TYPE');
}

function one(header: string | string[] | null | undefined): string | undefined {
  return [header].flat()[0] ?? undefined;
}

function isHere(address: string): boolean {
  return URL.canParse(address) && isLoopback(new URL(address).hostname);
}
