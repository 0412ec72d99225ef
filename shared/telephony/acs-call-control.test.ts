// Tests what is sent to ACS, field by field, through the real SDK to a small server, and what its failures become.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import type { CallId } from '../call/call.ts';
import { readConfig } from '../config.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { AcsCallControl } from './acs-call-control.ts';
import { createAcsClient } from './acs-client.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown> | undefined;
  readonly isSigned: boolean;
}
interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

const seen: Seen[] = [];
let replies: Reply[] = [];
const server = createServer(async (request, response) => {
  let text = '';
  for await (const part of request) text += part;
  const { pathname } = new URL(request.url!, 'http://acs');
  const isSigned = String(request.headers.authorization).startsWith('HMAC-SHA256 SignedHeaders=');
  const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
  seen.push({ method: request.method!, path: pathname, body, isSigned });
  const { status, body: answer } = replies.shift() ?? { status: 500 };
  // So that the SDK's own retries do not wait.
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '1' });
  response.end(answer === undefined ? undefined : JSON.stringify(answer));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => {
  server.closeAllConnections();
  server.close();
});

const accessKey = Buffer.from('an example key').toString('base64');
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const config = readConfig({ ACS_CONNECTION_STRING: `endpoint=${endpoint};accesskey=${accessKey}` });
const control = new AcsCallControl(createAcsClient(config)!, { audioFormat: 'pcm24k' });

const callId = 'call-1' as CallId;
const urls = { callbackUrl: 'https://functions.example/api/callbacks/call-1', mediaUrl: 'wss://bridge.example/media' };
const mediaStreamingOptions = {
  transportType: 'websocket',
  contentType: 'audio',
  audioChannelType: 'unmixed',
  transportUrl: 'wss://bridge.example/media',
  startMediaStreaming: true,
  enableBidirectional: true,
  audioFormat: 'pcm24KMono',
  enableDtmfTones: true,
};
const connection = { callConnectionId: 'c-1', serverCallId: 's-1', callConnectionState: 'connecting' };
const phone = (value: string) => ({
  kind: 'phoneNumber',
  rawId: `4:${value}`,
  phoneNumber: { value, isAnonymous: false },
});
const error = (code: string, message = 'no') => ({ error: { code, message } });

beforeEach(() => {
  seen.length = 0;
  replies = [];
});

const refusedWith = (code: ErrorCode) => (thrown: unknown) => {
  assert.ok(thrown instanceof AppError, String(thrown));
  assert.equal(thrown.code, code);
  assert.doesNotMatch(thrown.message, /5550142|secret/);
  // ACS's own words are there for whoever may see them, without the request that they are about.
  if (thrown.cause !== undefined) assert.deepEqual(Object.keys(thrown.cause as Error), []);
  return true;
};

describe('what is asked of ACS', () => {
  it('is to answer, with both ways of audio in one socket', async () => {
    replies = [{ status: 200, body: connection }];
    assert.equal(await control.answer({ callId, incomingContext: 'context-1', ...urls }), 'c-1');
    assert.deepEqual(seen, [
      {
        method: 'POST',
        path: '/calling/callConnections:answer',
        isSigned: true,
        body: {
          incomingCallContext: 'context-1',
          callbackUri: urls.callbackUrl,
          operationContext: 'call-1',
          mediaStreamingOptions,
        },
      },
    ]);
  });

  it('is to dial a phone, showing our number', async () => {
    replies = [{ status: 201, body: connection }];
    assert.equal(await control.dial({ callId, to: '+15550142', from: '+15550100', ...urls }), 'c-1');
    assert.equal(seen[0]?.path, '/calling/callConnections');
    assert.deepEqual(seen[0]?.body, {
      targets: [phone('+15550142')],
      sourceCallerIdNumber: { value: '+15550100', isAnonymous: false },
      operationContext: 'call-1',
      callbackUri: urls.callbackUrl,
      mediaStreamingOptions,
    });
  });

  it('is to dial in the name of a Teams resource account, which has a number of its own', async () => {
    const from = '28:orgid:00000000-0000-4000-8000-00000000000c';
    for (const to of ['+15550142', '8:orgid:00000000-0000-4000-8000-000000000002']) {
      replies = [{ status: 201, body: connection }];
      await control.dial({ callId, to, from, ...urls });
      const { teamsAppSource, sourceCallerIdNumber } = seen.at(-1)!.body!;
      assert.partialDeepStrictEqual(teamsAppSource, { appId: '00000000-0000-4000-8000-00000000000c' });
      assert.equal(sourceCallerIdNumber, undefined);
    }
  });

  it('is to dial people who have no number, and to show them none', async () => {
    const targets = {
      '8:acs:00000000-0000-4000-8000-0000000000ac_00000000-0000-4000-8000-000000000001': 'communicationUser',
      '8:orgid:00000000-0000-4000-8000-000000000002': 'microsoftTeamsUser',
      '28:orgid:00000000-0000-4000-8000-000000000003': 'microsoftTeamsApp',
    };
    for (const [to, kind] of Object.entries(targets)) {
      replies = [{ status: 201, body: connection }];
      await control.dial({ callId, to, from: '+15550100', ...urls });
      const { targets: sent, sourceCallerIdNumber } = seen.at(-1)!.body!;
      const [target] = sent as [{ kind: string; rawId: string }];
      assert.deepEqual([target.kind, target.rawId, sourceCallerIdNumber], [kind, to, undefined]);
    }
  });

  it('is to hang up for everybody', async () => {
    replies = [{ status: 204 }];
    await control.hangUp('c-1');
    assert.deepEqual(seen, [
      { method: 'POST', path: '/calling/callConnections/c-1:terminate', isSigned: true, body: undefined },
    ]);
  });

  it('is to transfer to a phone, showing our number', async () => {
    replies = [{ status: 202, body: { operationContext: 'x' } }];
    await control.transfer({ callId, carrierCallId: 'c-1' }, '4:+15550111', '+15550100');
    assert.equal(seen[0]?.path, '/calling/callConnections/c-1:transferToParticipant');
    const { operationContext, ...body } = seen[0]!.body!;
    assert.equal(typeof operationContext, 'string');
    assert.deepEqual(body, {
      targetParticipant: phone('+15550111'),
      sourceCallerIdNumber: { value: '+15550100', isAnonymous: false },
      customCallingContext: { voipHeaders: {}, sipHeaders: {} },
    });
  });

  it('is to send digits to whoever is on the phone', async () => {
    const bot = { kind: 'communicationUser', rawId: '8:acs:x_y', communicationUser: { id: '8:acs:x_y' } };
    const participants = [bot, phone('+15550142')].map((identifier) => ({ identifier, isMuted: false }));
    replies = [
      { status: 200, body: { value: participants } },
      { status: 202, body: { operationContext: 'x' } },
    ];
    await control.sendDigits({ callId, carrierCallId: 'c-1' }, '1a#*');
    assert.deepEqual(
      seen.map(({ method, path }) => [method, path]),
      [
        ['GET', '/calling/callConnections/c-1/participants'],
        ['POST', '/calling/callConnections/c-1:sendDtmfTones'],
      ],
    );
    const { tones, targetParticipant } = seen[1]!.body!;
    assert.deepEqual(tones, ['one', 'a', 'pound', 'asterisk']);
    assert.equal((targetParticipant as { rawId: string }).rawId, '4:+15550142');
  });

  it('is to send digits at a pace that a menu can follow: one by one, each when the pause after the last one is over', async () => {
    const participants = [{ identifier: phone('+15550142'), isMuted: false }];
    const taken = { status: 202, body: { operationContext: 'x' } };
    replies = [{ status: 200, body: { value: participants } }, taken, taken, taken];
    const startedAt = performance.now();
    await control.sendDigits({ callId, carrierCallId: 'c-1' }, '4#7', 40);
    assert.ok(performance.now() - startedAt >= 75);
    assert.deepEqual(
      seen.slice(1).map(({ body }) => body!.tones),
      [['four'], ['pound'], ['seven']],
    );
  });

  it('is to tell how a call stands', async () => {
    const states: [string | undefined, object][] = [
      ['unknown', { phase: 'ringing', hasMedia: undefined }],
      ['connecting', { phase: 'ringing', hasMedia: undefined }],
      ['connected', { phase: 'connected', hasMedia: undefined }],
      ['transferring', { phase: 'connected', hasMedia: undefined }],
      ['disconnected', { phase: 'over', hasMedia: undefined }],
    ];
    for (const [callConnectionState, standing] of states) {
      replies = [{ status: 200, body: { ...connection, callConnectionState } }];
      assert.deepEqual(await control.look('c-1'), standing);
    }
    for (const [state, hasMedia] of [
      ['active', true],
      ['inactive', false],
    ] as const) {
      const mediaStreamingSubscription = { id: 'm-1', state, subscribedContentTypes: ['audio'] };
      replies = [
        { status: 200, body: { ...connection, callConnectionState: 'connected', mediaStreamingSubscription } },
      ];
      assert.deepEqual(await control.look('c-1'), { phase: 'connected', hasMedia });
    }
    assert.partialDeepStrictEqual(seen[0], { method: 'GET', path: '/calling/callConnections/c-1', isSigned: true });
    replies = [{ status: 404, body: error('8522') }];
    assert.deepEqual(await control.look('c-1'), { phase: 'over' });
    replies = [{ status: 429 }];
    await assert.rejects(control.look('c-1'), refusedWith('CARRIER_UNAVAILABLE'));
  });

  it('is to give a caller the busy signal', async () => {
    replies = [{ status: 204 }];
    await control.reject('context-1');
    const body = { incomingCallContext: 'context-1', callRejectReason: 'busy' };
    assert.deepEqual(seen, [{ method: 'POST', path: '/calling/callConnections:reject', isSigned: true, body }]);
    replies = [{ status: 400, body: error('8523') }];
    await assert.rejects(control.reject('context-1'), refusedWith('CALL_GONE'));
  });

  it('is to answer without media, and to play a file', async () => {
    replies = [{ status: 200, body: connection }, { status: 202 }];
    await control.answer({ callId, incomingContext: 'context-1', ...urls, mediaUrl: undefined });
    await control.announce('c-1', 'https://functions.example/busy.wav');
    assert.equal(seen[0]!.body?.mediaStreamingOptions, undefined);
    assert.equal(seen[1]!.path, '/calling/callConnections/c-1:play');
    assert.deepEqual(seen[1]!.body?.playSources, [
      { kind: 'file', file: { uri: 'https://functions.example/busy.wav' } },
    ]);
  });

  it('is to open the media socket again', async () => {
    replies = [{ status: 202 }];
    await control.restartMedia({ callId, carrierCallId: 'c-1' });
    assert.deepEqual(seen, [
      { method: 'POST', path: '/calling/callConnections/c-1:startMediaStreaming', isSigned: true, body: {} },
    ]);
  });

  it('is nothing for a target or digits that cannot be', async () => {
    const nonsense = ['', 'nobody', '555', '4:555', '4:anonymous', '9:what:ever'];
    for (const to of nonsense) {
      await assert.rejects(control.dial({ callId, to, from: '+15550100', ...urls }), refusedWith('BAD_NUMBER'));
      await assert.rejects(
        control.transfer({ callId, carrierCallId: 'c-1' }, to, '+15550100'),
        refusedWith('BAD_NUMBER'),
      );
    }
    for (const digits of ['', '1x'])
      await assert.rejects(control.sendDigits({ callId, carrierCallId: 'c-1' }, digits), refusedWith('BAD_REQUEST'));
    assert.deepEqual(seen, []);
  });
});

describe('a failure of ACS', () => {
  const answer = () => control.answer({ callId, incomingContext: 'context-1', ...urls });
  const dial = () => control.dial({ callId, to: '+15550142', from: '+15550100', ...urls });
  const hangUp = () => control.hangUp('c-1');
  const lifetime = 'The lifetime validation of the signed http request failed for +15550142.';
  const badUrl = 'The url wss://bridge.example/media/secret is invalid.';
  const cases: [name: string, run: () => Promise<unknown>, reply: Reply, code: ErrorCode][] = [
    ['a late answer', answer, { status: 400, body: error('8523') }, 'CALL_GONE'],
    ['a late answer, in other words', answer, { status: 400, body: error('BadRequest', lifetime) }, 'CALL_GONE'],
    ['an answer to a call that is unknown', answer, { status: 404, body: error('8522') }, 'CALL_GONE'],
    ['an answer that is refused', answer, { status: 400, body: error('8500', badUrl) }, 'CARRIER_REFUSED'],
    ['a wrong key', answer, { status: 401, body: error('Denied') }, 'CARRIER_REFUSED'],
    ['a success without a call', answer, { status: 200, body: {} }, 'CARRIER_REFUSED'],
    ['a dialling that says no call', dial, { status: 201, body: {} }, 'CARRIER_UNCERTAIN'],
    ['a dialling that is refused', dial, { status: 400, body: error('8523') }, 'CARRIER_REFUSED'],
    ['too many requests', dial, { status: 429 }, 'CARRIER_UNAVAILABLE'],
    ['hanging up an unknown call', hangUp, { status: 404, body: error('8522') }, 'CALL_GONE'],
    ['hanging up an ended call', hangUp, { status: 400, body: error('8528') }, 'CALL_GONE'],
  ];
  for (const [name, run, reply, code] of cases) {
    it(`is ${code} for ${name}`, async () => {
      replies = [reply, reply, reply];
      await assert.rejects(run(), refusedWith(code));
    });
  }

  it('is tried twice more by the SDK, under one name, while ACS has a fault of its own', async () => {
    replies = [{ status: 503 }, { status: 500 }, { status: 201, body: connection }];
    assert.equal(await dial(), 'c-1');
    assert.equal(seen.length, 3);
    replies = [{ status: 500 }, { status: 500 }, { status: 500 }];
    await assert.rejects(dial(), refusedWith('CARRIER_UNCERTAIN'));
    // What became of the first is not known.
    replies = [{ status: 500 }, { status: 429 }, { status: 429 }];
    await assert.rejects(dial(), refusedWith('CARRIER_UNCERTAIN'));
  });

  it('leaves open whether a phone rings only where ACS may have been reached', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    await once(nobody, 'close');
    const config = readConfig({ ACS_CONNECTION_STRING: `endpoint=http://127.0.0.1:${port}/;accesskey=a2V5` });
    const nowhere = new AcsCallControl(createAcsClient(config)!, { audioFormat: 'pcm16k' });
    const request = { callId, to: '+15550142', from: '+15550100', ...urls };
    await assert.rejects(nowhere.dial(request), refusedWith('CARRIER_UNREACHABLE'));
  });

  it('tells a call that is over from one that is not yet connected', async () => {
    const notEstablished = { status: 400, body: error('8501') };
    replies = [notEstablished, { status: 200, body: { ...connection, callConnectionState: 'disconnected' } }];
    await assert.rejects(hangUp(), refusedWith('CALL_GONE'));
    replies = [notEstablished, { status: 404, body: error('8522') }];
    await assert.rejects(hangUp(), refusedWith('CALL_GONE'));
    replies = [notEstablished, { status: 200, body: connection }];
    await assert.rejects(hangUp(), refusedWith('CARRIER_UNAVAILABLE'));
  });
});
