// How the console says things: times, lengths, phases, reasons.

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function formatTime(at: number | string): string {
  return timeFormat.format(new Date(at));
}

export function formatDay(at: number | string): string {
  return dayFormat.format(new Date(at));
}

/** 0:07, 12:34, 1:02:03. */
export function formatLength(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = String(Math.floor(seconds / 60) % 60).padStart(hours > 0 ? 2 : 1, '0');
  const rest = `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** Codes are words with dashes between them. */
export function formatWords(code: string): string {
  const text = code.replaceAll('-', ' ').replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const carrierNames: Readonly<Record<string, string>> = { acs: 'Azure', twilio: 'Twilio', web: 'Browser' };
export const modelNames: Readonly<Record<string, string>> = {
  'gpt-realtime': 'GPT Realtime',
  'voice-live': 'Voice Live',
  cascade: 'Speech + chat',
};

export function nameOf(names: Readonly<Record<string, string>>, code: string | undefined): string {
  return code === undefined ? '–' : (names[code] ?? code);
}
