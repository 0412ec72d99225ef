// The audio path alone, to be measured: each media socket of ACS joined to a realtime model, without a call around them.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { loadAgents } from '../shared/agents/agent.ts';
import type { CallId } from '../shared/call/call.ts';
import { listen } from '../shared/listen.ts';
import { silentLogger } from '../shared/logger.ts';
import { createAudioConverter } from './audio/audio-converter.ts';
import { pcm16k } from './audio/audio-format.ts';
import { AcsTransport } from './transports/acs-transport.ts';
import { createOpenAiDialect } from './voice-models/realtime/openai-dialect.ts';
import { openRealtimeModel } from './voice-models/realtime/realtime-model.ts';

const [endpoint = '', agentsFolder = 'agents'] = process.argv.slice(2);
const dialect = createOpenAiDialect({ endpoint, deployment: 'gpt-realtime', transcriptionDeployment: 'none' });
const [agent] = loadAgents(agentsFolder).values();
// Whoever measures it ends it so, and what it has measured itself is to be written.
process.once('SIGTERM', () => process.exit(0));
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', async (socket) => {
  const transport = new AcsTransport({ socket, format: pcm16k });
  const model = await openRealtimeModel(
    { dialect, access: { apiKey: 'none' }, log: silentLogger },
    {
      callId: 'bare' as CallId,
      agent: agent!,
      instructions: '',
      tools: [],
      history: [],
      carrierFormat: pcm16k,
      signal: new AbortController().signal,
    },
  );
  const toModel = createAudioConverter(pcm16k, model.inputFormat);
  const toLine = createAudioConverter(model.outputFormat, pcm16k);
  model.listen((event) => {
    if (event.type === 'audio') transport.sendAudio(toLine.convert(event.audio));
    if (event.type === 'closed') transport.close();
  });
  transport.listen((event) => {
    if (event.type === 'audio') model.sendAudio(toModel.convert(event.audio));
    if (event.type === 'closed') model.close();
  });
  model.requestReply({ instructions: 'Speak.' });
});
await listen(server, { host: '127.0.0.1', port: 0, setting: 'PORT' });
console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`);
