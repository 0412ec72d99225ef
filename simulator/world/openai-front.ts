// The one address of an Azure OpenAI resource: chat completions over HTTP and Realtime over WebSocket, each by its own stand-in.
import { createServer, request as forward } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface OpenAiFront {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startOpenAiFront(behind: { chatUrl: string; realtimeUrl: string }): Promise<OpenAiFront> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const service = url?.startsWith('/openai/v1/realtime') ? behind.realtimeUrl : behind.chatUrl;
    const onward = forward(new URL(url ?? '/', service), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    const onward = connect(Number(new URL(behind.realtimeUrl).port), '127.0.0.1', () => {
      onward.setNoDelay(true);
      onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${formatHeaders(request.rawHeaders)}\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    // An end without a close frame has to look like one on the other side.
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function formatHeaders(raw: readonly string[]): string {
  let text = '';
  for (let i = 0; i < raw.length; i += 2) text += `${raw[i]}: ${raw[i + 1]}\r\n`;
  return text;
}
