// The load as a process of its own: holds calls through a bridge from both of its ends, every 20 ms a frame each way, and takes the times.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallId } from '../../shared/call/call.ts';
import { MediaTokens } from '../../shared/media-token.ts';
import { ConversingCall } from './conversing-call.ts';
import { Latencies, type LatencySummary } from './latencies.ts';
import type { LoadCall } from './load-call.ts';
import { LoadedCall } from './loaded-call.ts';
import { createFrame, opcodes } from './raw-frames.ts';
import { dialBridge, type RawPeer, startRawModel } from './raw-sockets.ts';

/** From the parent: what to do, once the bridge is there. */
export interface LoadOrder {
  readonly bridgeUrl: string;
  readonly secret: string;
  readonly calls: number;
  readonly warmMs: number;
  readonly measureMs: number;
  /** So many more are opened at once in the middle of it. */
  readonly burst: number;
  /** As people talk, in turns; else both all the time. */
  readonly inTurns: boolean;
}

/** To the parent. */
export type LoadNews =
  | { readonly type: 'ready'; readonly modelPort: number }
  | { readonly type: 'opened' }
  | { readonly type: 'measuring' }
  | { readonly type: 'finishing' }
  | ({ readonly type: 'measured' } & LoadReport);

export interface LoadReport {
  /** Frames of both ways. */
  readonly added: LatencySummary;
  /** Of those, what came while others were being opened; and how long that took. */
  readonly whileOpening: LatencySummary;
  readonly burstOpenedInMs: number;
  /** How late the load itself was. */
  readonly lateness: LatencySummary;
  /** Of all calls, each way by itself: sent and not arrived; below zero: made up by the bridge. */
  readonly lostToModel: number;
  readonly lostToCaller: number;
  /** Of the frames that callers heard, those that they waited for in the midst of a reply. */
  readonly gapShare: number;
  readonly openedInMs: number;
}

const frameMs = 20;
const slots = 20;
const slotMs = frameMs / slots;
/** What is still on its way at the end: shorter than what a bridge fills with silence, where a caller who said nothing sends nothing. */
const drainMs = 350;
/** The bridge asks for the first reply within a few round trips. */
const joinTimeoutMs = 15_000;

const added = new Latencies();
/** Of those, what came while others were opened in the middle of it. */
const whileOpening = new Latencies();
const lateness = new Latencies();
const strangers = new Latencies();
const waiting: { call: LoadCall; joined: () => void }[] = [];
const live: LoadCall[][] = Array.from({ length: slots }, () => []);
let isSending = true;
let isOpening = false;
const ofLiveCalls = {
  add(ms: number): void {
    added.add(ms);
    if (isOpening) whileOpening.add(ms);
  },
};
let opened = 0;

const tell = (news: LoadNews) => process.send!(news);

function serveModel(peer: RawPeer): void {
  const send = (event: object) => peer.write(createFrame(JSON.stringify(event), false));
  peer.listen((frame) => {
    if (frame.opcode !== opcodes.text) return;
    const event = JSON.parse(frame.read().toString()) as { type: string; session?: object };
    if (event.type === 'session.update') send({ type: 'session.updated', session: event.session });
    if (event.type !== 'response.create') return;
    const next = waiting.shift();
    if (!next) return;
    const { call, joined } = next;
    call.joinModel(peer.write);
    peer.listen((found) => call.hearAtModel(found, performance.now()));
    joined();
  });
  send({ type: 'session.created', session: { type: 'realtime' } });
}

/** All that takes this process time, so that it is not late itself when the call is opened. */
async function prepareCall(
  number: number,
  { bridgeUrl, secret, inTurns }: LoadOrder,
  latencies: Pick<Latencies, 'add'>,
): Promise<() => Promise<LoadCall>> {
  const call = inTurns ? new ConversingCall(number, latencies) : new LoadedCall(number, latencies);
  const callId = `in-load-${opened++}` as CallId;
  const ticket = { callId, carrier: 'acs', direction: 'inbound', agent: 'receptionist' } as const;
  const token = await new MediaTokens(secret).sign(ticket);
  return () => openCall(call, number, `${bridgeUrl}/media/acs/${callId}/${token}`);
}

async function openCall(call: LoadCall, number: number, url: string): Promise<LoadCall> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  waiting.push({ call, joined: resolve });
  const peer = await dialBridge(url);
  peer.listen((found) => call.hearAtCaller(found, performance.now()));
  call.joinCaller(peer.write);
  const timer = setTimeout(() => reject(new Error('the bridge asks the model for nothing')), joinTimeoutMs);
  await promise.finally(() => clearTimeout(timer));
  // Ends of one slot would be sent one after the other: half a frame lies between them.
  live[number % slots]!.push(call);
  return call;
}

function beat(): void {
  let slot = 0;
  let dueMs = performance.now();
  const step = () => {
    for (let nowMs = performance.now(); dueMs <= nowMs; nowMs = performance.now()) {
      lateness.add(nowMs - dueMs);
      for (const call of live[slot]!) if (isSending) call.sendFromCaller(performance.now());
      for (const call of live[(slot + slots / 2) % slots]!) if (isSending) call.sendFromModel(performance.now());
      slot = (slot + 1) % slots;
      dueMs += slotMs;
    }
    setTimeout(step, 1);
  };
  step();
}

async function run(order: LoadOrder): Promise<void> {
  const calls: LoadCall[] = [];
  beat();
  const openingAt = performance.now();
  for (let number = 0; number < order.calls; number++)
    calls.push(await (await prepareCall(number, order, ofLiveCalls))());
  const openedInMs = Math.round(performance.now() - openingAt);
  tell({ type: 'opened' });
  await sleep(order.warmMs);
  const more = Array.from({ length: order.burst }, (_, number) => prepareCall(number, order, strangers));
  const openings = await Promise.all(more);
  added.clear();
  lateness.clear();
  const sumOf = (read: (call: LoadCall) => number) => calls.reduce((sum, call) => sum + read(call), 0);
  const [gapsOf, heardOf] = [() => sumOf(({ gaps }) => gaps), () => sumOf(({ toCaller }) => toCaller.received)];
  const [gapsBefore, heardBefore] = [gapsOf(), heardOf()];
  tell({ type: 'measuring' });
  await sleep(order.measureMs / 2);
  isOpening = openings.length > 0;
  const burstAt = performance.now();
  const burst = Promise.all(openings.map((open) => open())).then(() => {
    isOpening = false;
    return Math.round(performance.now() - burstAt);
  });
  burst.catch(() => {});
  await sleep(order.measureMs / 2);
  const burstOpenedInMs = await burst;
  const summary = {
    added: added.summarise(),
    whileOpening: whileOpening.summarise(),
    lateness: lateness.summarise(),
    burstOpenedInMs,
  };
  tell({ type: 'finishing' });
  isSending = false;
  await sleep(drainMs);
  const lostOn = (way: 'toModel' | 'toCaller') => sumOf((call) => call[way].sent - call[way].received);
  const lost = { lostToModel: lostOn('toModel'), lostToCaller: lostOn('toCaller') };
  tell({
    type: 'measured',
    ...summary,
    ...lost,
    // Of calls in turns nothing counts before a reply has followed another one.
    gapShare: (gapsOf() - gapsBefore) / Math.max(1, heardOf() - heardBefore),
    openedInMs,
  });
}

const tls = process.argv[2] === undefined ? undefined : (JSON.parse(process.argv[2]) as { key: string; cert: string });
const model = await startRawModel(serveModel, tls);
process.once('message', (order) => {
  run(order as LoadOrder).catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
});
tell({ type: 'ready', modelPort: model.port });
