// What was on both wires of a call, the carrier's and the voice model's, as lines to read around a moment of it.
import type { LoggedEvent } from '../realtime/session-log.ts';
import type { WireRecord } from '../scenarios/carrier-leg.ts';
import type { Violation } from './violation.ts';
import type { CallRecord, WireLine, WorldRecord } from './world-record.ts';

/** Frames that follow each other so closely are one line. */
const runMs = 150;
/** Between the moment when a model has understood the caller and the one when that is written down. */
const tellingMs = 2_000;
const understood = 'conversation.item.input_audio_transcription.completed';
const aroundMs = 6_000;
const maxLines = 120;

/** The carrier's: frames in runs, and what it was told to stop. */
export function readCarrierWire({ frames, stops, bytesPerMs }: WireRecord): WireLine[] {
  const runs: { fromMs: number; toMs: number; bytes: number }[] = [];
  for (const { atMs, bytes } of frames) {
    const last = runs.at(-1);
    if (last && atMs - last.toMs < runMs) Object.assign(last, { toMs: atMs, bytes: last.bytes + bytes });
    else runs.push({ fromMs: atMs, toMs: atMs, bytes });
  }
  return [
    ...runs.map(({ fromMs, toMs, bytes }) => ({
      atMs: fromMs,
      text: `carrier ← ${Math.round(bytes / bytesPerMs)} ms of sound, until ${Math.round(toMs)}`,
    })),
    ...stops.map(({ atMs, droppedBytes }) => ({
      atMs,
      text: `carrier ← stop, ${Math.round(droppedBytes / bytesPerMs)} ms not played`,
    })),
  ];
}

/** Of all sessions of a service those that understood what was written down of the caller, and nothing else. */
export function readModelWire(
  sessions: readonly { readonly log: { readonly events: readonly LoggedEvent[] } }[],
  words: readonly { readonly text: string; readonly atMs: number }[],
): WireLine[] {
  const own = sessions.filter(({ log }) => {
    const heard = log.events.filter(({ type }) => type === understood);
    const isOwn = ({ atMs, message }: LoggedEvent) =>
      words.some(({ text, atMs: toldMs }) => text === message.transcript && Math.abs(atMs - toldMs) < tellingMs);
    return heard.length > 0 && heard.every(isOwn);
  });
  return own.flatMap(({ log }, index) =>
    log.events
      .filter(({ type }) => !type.endsWith('.delta'))
      .map(({ atMs, from, type, message }) => {
        const told = message.transcript ?? message.audio_end_ms ?? message.code ?? '';
        return { atMs, text: `model ${index + 1} ${from === 'client' ? '←' : '→'} ${type} ${String(told)}`.trimEnd() };
      }),
  );
}

/** Both around a violation of this call, with what was said and heard. */
export function formatWires({ calls }: WorldRecord, { number, atMs }: Violation): string[] {
  const call = calls.find(({ plan }) => plan.number === number);
  if (!call) return [];
  const lines = [...call.wire, ...readPhone(call)].toSorted((a, b) => a.atMs - b.atMs);
  const near = lines.filter((line) => atMs === undefined || Math.abs(line.atMs - atMs) < aroundMs);
  return near.slice(-maxLines).map((line) => `${String(Math.round(line.atMs)).padStart(7)}  ${line.text}`);
}

function readPhone({ line, sounds, said, pressedAtMs, sockets }: CallRecord): WireLine[] {
  return [
    ...(line ? [{ atMs: line.fromMs, text: `line until ${Math.round(line.toMs)}` }] : []),
    ...sockets.map(({ fromMs, toMs }) => ({ atMs: fromMs, text: `media socket until ${Math.round(toMs)}` })),
    ...sounds.map(({ fromMs, toMs }) => ({ atMs: fromMs, text: `phone hears until ${Math.round(toMs)}` })),
    ...said.map(({ fromMs, toMs, text }) => ({ atMs: fromMs, text: `phone says "${text}" until ${Math.round(toMs)}` })),
    ...pressedAtMs.map((atMs) => ({ atMs, text: 'phone sends a key' })),
  ];
}
