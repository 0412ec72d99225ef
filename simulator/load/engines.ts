// The bridges that are measured, built as they are deployed: the product with everything on, its audio path alone, and a naive sketch.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleBridge, bundle } from '../../build.ts';
import { startRedisServer } from '../redis-server.ts';
import { createAgentSettings } from '../world/agent-settings.ts';
import type { Settings } from '../world/product.ts';
import { createCertificate } from './certificate.ts';
import type { Engine } from './load-run.ts';

/** As the image starts Node. */
export const imageFlags = ['--single-threaded-gc', '--max-semi-space-size=4', '--expose-gc'];
const imageSettings: Settings = { MALLOC_ARENA_MAX: '1' };
const secret = 'the secret of media tokens in measurements';

export interface EngineOptions {
  readonly folder: string;
  readonly names: readonly string[];
  readonly other?: string | undefined;
  readonly tls: boolean;
  /** For Node, of the bridges that are ours; as the image has them, where nothing is said. */
  readonly nodeFlags?: readonly string[];
  /** False: from the sources, as they are. */
  readonly isBuilt?: boolean;
}

export interface Engines {
  readonly engines: readonly Engine[];
  readonly secret: string;
  readonly certificate: { readonly key: string; readonly cert: string } | undefined;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');

/**
 * With Redis, if this machine has it. Telemetry is not sent: its library would look for Azure from here, and what it costs is
 * measured by a bench of its own.
 */
export async function createEngines({
  folder,
  names,
  other,
  tls,
  isBuilt = true,
  nodeFlags = imageFlags,
}: EngineOptions): Promise<Engines> {
  const from = async (name: string, assemble: (to: string) => Promise<void>): Promise<string> => {
    if (!isBuilt) return root;
    const to = join(folder, name);
    await assemble(to);
    writeFileSync(join(to, 'package.json'), '{"type":"module"}');
    return to;
  };
  const built = await from('parley', assembleBridge);
  const path = await from('path', (to) => bundle(['media-bridge/bare-path'], to));
  const naive = await from('naive', (to) => bundle(['simulator/load/naive-bridge'], to));
  const file = (folder: string, entry: string) => join(folder, `${entry}.${folder === root ? 'ts' : 'js'}`);
  const agents = join(built, 'agents');
  const redis = await startRedisServer();
  const certificate = tls ? await createCertificate(folder) : undefined;
  const trust: Settings = certificate ? { NODE_EXTRA_CA_CERTS: certificate.path } : {};
  const product = (name: string, at: string): Engine => ({
    name,
    command: () => [...nodeFlags, file(at, 'media-bridge/main')],
    settings: (modelUrl) => ({
      ...trust,
      ...imageSettings,
      ...createAgentSettings(agents, {}),
      AGENTS_FOLDER: agents,
      DATA_FOLDER: join(folder, 'data'),
      PORT: '0',
      MAX_CALLS: '100000',
      DRAIN_SECONDS: '0',
      LOG_LEVEL: 'warn',
      MEDIA_TOKEN_SECRET: secret,
      VOICE_MODEL: 'gpt-realtime',
      AZURE_OPENAI_ENDPOINT: modelUrl,
      AZURE_OPENAI_API_KEY: 'none',
      ...(redis && { REDIS_URL: redis.url }),
    }),
  });
  const known: Record<string, Engine> = {
    parley: product('parley', built),
    path: {
      name: 'path',
      command: (modelUrl) => [...nodeFlags, file(path, 'media-bridge/bare-path'), modelUrl, agents],
      settings: () => ({ ...trust, ...imageSettings }),
    },
    naive: {
      name: 'naive',
      command: (modelUrl) => [file(naive, 'simulator/load/naive-bridge'), modelUrl.replace(/^http/, 'ws')],
      settings: () => trust,
    },
  };
  if (other !== undefined) {
    cpSync(other, join(folder, 'other'), { recursive: true });
    known.other = product('other', join(folder, 'other'));
  }
  const engines = Object.values(known).filter(({ name }) => names.includes(name) || name === 'other');
  return {
    engines,
    secret,
    certificate,
    stop: async () => redis?.stop(),
  };
}
