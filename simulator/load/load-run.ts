// One measurement: a fresh bridge on its core, so many calls through it from a generator on another, and what came of it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Settings } from '../world/product.ts';
import type { LoadNews, LoadOrder, LoadReport } from './generator.ts';
import { MeasuredBridge } from './measured-bridge.ts';

export interface Engine {
  readonly name: string;
  /** What Node is to run, with its arguments, for a model at this address. */
  command(modelUrl: string): readonly string[];
  settings(modelUrl: string): Settings;
}

export interface LoadSettings extends Omit<LoadOrder, 'bridgeUrl'> {
  readonly bridgeCore: number;
  readonly loadCore: number;
  /** Makes the model's leg TLS. */
  readonly certificate?: { readonly key: string; readonly cert: string } | undefined;
}

export interface LoadResult extends LoadReport {
  readonly engine: string;
  readonly calls: number;
  /** Of a frame to the model and one to the caller: all of it, in the bridge's own code, and in the kernel for it. */
  readonly cpuUsAFrame: number;
  readonly userUsAFrame: number;
  readonly systemUsAFrame: number;
  /** Of the bridge's core: its own share, and that of everybody else. */
  readonly busyShare: number;
  readonly othersShare: number;
  readonly memoryKbACall: number;
}

const framesASecond = 50;
/** The longest of all: opening the calls. */
const phaseTimeoutMs = 240_000;

/** Rejects when the calls cannot be opened. */
export async function measure(engine: Engine, settings: LoadSettings): Promise<LoadResult> {
  const { bridgeCore, loadCore, certificate, ...order } = settings;
  const generator = fork(new URL('./generator.ts', import.meta.url), certificate ? [JSON.stringify(certificate)] : [], {
    execPath: 'taskset',
    execArgv: ['--cpu-list', String(loadCore), process.execPath],
    env: { PATH: process.env.PATH },
  });
  let bridge: MeasuredBridge | undefined;
  const over = once(generator, 'exit').then(([code]) => {
    throw new Error(`the load ended with ${code}\n${bridge?.output.slice(-5).join('\n')}`);
  });
  over.catch(() => {});
  try {
    const news = readNews(generator, over);
    const { modelPort } = await news('ready');
    const modelUrl = `${certificate ? 'https' : 'http'}://127.0.0.1:${modelPort}`;
    bridge = await MeasuredBridge.start(engine.command(modelUrl), engine.settings(modelUrl), bridgeCore);
    const idle = bridge.read();
    generator.send({ ...order, bridgeUrl: bridge.url } satisfies LoadOrder);
    await news('measuring');
    const startedAt = performance.now();
    const before = bridge.read();
    await news('finishing');
    if (bridge.hasExited) throw new Error(`the bridge ended:\n${bridge.output.slice(-5).join('\n')}`);
    const after = bridge.read();
    const tookMs = performance.now() - startedAt;
    const { type, ...report } = await news('measured');
    const [userMs, systemMs] = [after.userMs - before.userMs, after.systemMs - before.systemMs];
    const cpuMs = userMs + systemMs;
    const aFrame = (ms: number) => (ms * 1_000) / ((order.calls * order.measureMs * framesASecond) / 1_000);
    return {
      engine: engine.name,
      calls: order.calls,
      ...report,
      cpuUsAFrame: aFrame(cpuMs),
      userUsAFrame: aFrame(userMs),
      systemUsAFrame: aFrame(systemMs),
      busyShare: cpuMs / tookMs,
      othersShare: Math.max(0, after.coreMs - before.coreMs - cpuMs) / tookMs,
      memoryKbACall: (after.memoryKb - idle.memoryKb) / (order.calls + order.burst),
    };
  } finally {
    generator.kill('SIGKILL');
    await bridge?.stop();
  }
}

type NewsOf<Type extends LoadNews['type']> = Extract<LoadNews, { type: Type }>;

function readNews(generator: ReturnType<typeof fork>, over: Promise<never>) {
  const heard = new Map<string, LoadNews>();
  const waiting = new Map<string, (news: LoadNews) => void>();
  generator.on('message', (news: LoadNews) => {
    heard.set(news.type, news);
    waiting.get(news.type)?.(news);
  });
  return async <Type extends LoadNews['type']>(type: Type): Promise<NewsOf<Type>> => {
    const { promise, resolve, reject } = Promise.withResolvers<LoadNews>();
    waiting.set(type, resolve);
    const known = heard.get(type);
    if (known) resolve(known);
    const timer = setTimeout(() => reject(new Error(`the load is not ${type} in time`)), phaseTimeoutMs);
    return Promise.race([promise, over]).finally(() => clearTimeout(timer)) as Promise<NewsOf<Type>>;
  };
}
