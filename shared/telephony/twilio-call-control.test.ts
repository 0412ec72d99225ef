// What Twilio is asked over its REST API, and what becomes of its errors.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import { readConfig } from '../config.ts';
import { TwilioCallControl } from './twilio-call-control.ts';
import { createTwilioClient } from './twilio-client.ts';

const account = 'AC000000000000000000000000000000a1';
const callSid = 'CA000000000000000000000000000000c1';
const call = { callId: 'call-1' as CallId, carrierCallId: callSid };
const dialRequest = {
  callId: 'call-1' as CallId,
  to: '+15550100',
  from: '+15550199',
  callbackUrl: '',
  mediaUrl: '',
};

async function setUp(t: TestContext, answer: (response: ServerResponse) => void) {
  const requests: { line: string; authorization: string | undefined; form: URLSearchParams }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    requests.push({ line: `${method} ${url}`, authorization: headers.authorization, form: new URLSearchParams(body) });
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  t.after(stop);
  const config = readConfig({
    TWILIO_ACCOUNT_SID: account,
    TWILIO_AUTH_TOKEN: 'example-auth-token',
    TWILIO_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  const client = createTwilioClient(config)!;
  const control = new TwilioCallControl(client, { publicUrl: 'https://agent.example' });
  return { client, control, requests, stop };
}
const json = (status: number, body: object) => (response: ServerResponse) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
const success = json(200, { sid: callSid, status: 'in-progress' });
const failure = (status: number, code: number) =>
  json(status, { code, message: 'To number +15550100 is odd', more_info: '', status });

describe('TwilioCallControl', () => {
  it('dials with hooks that name the call', async (t) => {
    const { control, requests } = await setUp(t, json(201, { sid: callSid, status: 'queued' }));
    assert.equal(await control.dial(dialRequest), callSid);
    assert.equal(requests[0]!.line, `POST /2010-04-01/Accounts/${account}/Calls.json`);
    assert.deepEqual([...requests[0]!.form].sort(), [
      ['AsyncAmd', 'true'],
      ['AsyncAmdStatusCallback', 'https://agent.example/twilio/amd?callId=call-1#ct=2000&rt=4500&rc=2&rp=ct,rt,5xx'],
      ['AsyncAmdStatusCallbackMethod', 'POST'],
      ['From', '+15550199'],
      ['MachineDetection', 'DetectMessageEnd'],
      ['Method', 'POST'],
      ['StatusCallback', 'https://agent.example/twilio/status?callId=call-1#ct=2000&rt=4500&rc=2&rp=ct,rt,5xx'],
      ['StatusCallbackEvent', 'answered'],
      ['StatusCallbackEvent', 'completed'],
      ['StatusCallbackEvent', 'initiated'],
      ['StatusCallbackEvent', 'ringing'],
      ['StatusCallbackMethod', 'POST'],
      ['Timeout', '30'],
      ['To', '+15550100'],
      ['Url', 'https://agent.example/twilio/twiml?callId=call-1#ct=2000&rt=4500&rc=2&rp=ct,rt,5xx'],
    ]);
  });

  it('hangs up, transfers, sends digits and restarts media by changing the call', async (t) => {
    const { control, requests } = await setUp(t, success);
    await control.hangUp(callSid);
    await control.transfer(call, '+15550111', '+15550199');
    await control.sendDigits(call, '12a#');
    await control.sendDigits(call, '12#', 700);
    await control.restartMedia(call);
    assert.deepEqual(
      requests.map(({ line, form }) => [line, Object.fromEntries(form)]),
      [
        { Status: 'completed' },
        {
          Twiml:
            '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://agent.example/twilio/transfer-ended?callId=call-1#ct=2000&amp;rt=4500&amp;rc=2&amp;rp=ct,rt,5xx" method="POST" timeout="25" callerId="+15550199" answerOnBridge="true"><Number statusCallback="https://agent.example/twilio/transfer-status?callId=call-1#ct=2000&amp;rt=4500&amp;rc=2&amp;rp=ct,rt,5xx" statusCallbackMethod="POST" statusCallbackEvent="initiated answered">+15550111</Number></Dial></Response>',
        },
        {
          Twiml:
            '<?xml version="1.0" encoding="UTF-8"?><Response><Play digits="12A#"/><Redirect method="POST">https://agent.example/twilio/twiml?callId=call-1#ct=2000&amp;rt=4500&amp;rc=2&amp;rp=ct,rt,5xx</Redirect></Response>',
        },
        {
          // Each w is half a second.
          Twiml:
            '<?xml version="1.0" encoding="UTF-8"?><Response><Play digits="1ww2ww#"/><Redirect method="POST">https://agent.example/twilio/twiml?callId=call-1#ct=2000&amp;rt=4500&amp;rc=2&amp;rp=ct,rt,5xx</Redirect></Response>',
        },
        { Url: 'https://agent.example/twilio/twiml?callId=call-1#ct=2000&rt=4500&rc=2&rp=ct,rt,5xx', Method: 'POST' },
      ].map((form) => [`POST /2010-04-01/Accounts/${account}/Calls/${callSid}.json`, form]),
    );
  });

  it('tells at once where the next stream goes when it is given what lets that in, and else has Twilio ask', async (t) => {
    const { client, control, requests } = await setUp(t, success);
    const ofBridge = new TwilioCallControl(client, {
      publicUrl: 'https://agent.example',
      bridgeUrl: 'wss://bridge.example',
    });
    const token = 'a.b.c';
    await ofBridge.replaceMedia(call, token);
    await ofBridge.replaceMedia(call);
    await control.replaceMedia(call, token);
    const asked = 'https://agent.example/twilio/twiml?callId=call-1#ct=2000&rt=4500&rc=2&rp=ct,rt,5xx';
    const [told, ...others] = requests.map(({ form }) => Object.fromEntries(form));
    assert.match(
      told!.Twiml!,
      /<Response><Connect action="https:\/\/agent\.example\/twilio\/stream-ended\?callId=call-1#[^"]+" method="POST"><Stream url="wss:\/\/bridge\.example\/ws\/media\/call-1"><Parameter name="token" value="a\.b\.c"\/><\/Stream><\/Connect><\/Response>$/,
    );
    assert.deepEqual(
      others.map(({ Url }) => Url),
      [asked, asked],
    );
  });

  it('refuses digits that no phone has', async (t) => {
    const { control, requests } = await setUp(t, success);
    await assert.rejects(control.sendDigits(call, '12x'), { code: 'BAD_REQUEST' });
    assert.equal(requests.length, 0);
  });

  for (const [status, code] of [
    [400, 21220],
    [404, 20404],
  ] as const) {
    it(`says that the call is gone for ${code}`, async (t) => {
      const { control } = await setUp(t, failure(status, code));
      await assert.rejects(control.hangUp(callSid), { code: 'CALL_GONE' });
    });
  }

  it('tells how a call stands, and how it ended', async (t) => {
    const look = async (respond: Parameters<typeof setUp>[1]) => (await setUp(t, respond)).control.look(callSid);
    for (const status of ['queued', 'initiated', 'ringing'])
      assert.deepEqual(await look(json(200, { status })), { phase: 'ringing' });
    assert.deepEqual(await look(json(200, { status: 'in-progress' })), { phase: 'connected' });
    for (const endStatus of ['completed', 'busy', 'no-answer', 'failed', 'canceled'])
      assert.deepEqual(await look(json(200, { status: endStatus })), { phase: 'over', endStatus });
    assert.deepEqual(await look(failure(404, 20404)), { phase: 'over' });
    await assert.rejects(look(failure(503, 20503)), { code: 'CARRIER_UNAVAILABLE' });
  });

  it('refuses for good what Twilio refuses, without its words, which hold numbers', async (t) => {
    const { control, requests } = await setUp(t, failure(400, 21211));
    await assert.rejects(control.dial(dialRequest), {
      code: 'CARRIER_REFUSED',
      message: 'Twilio refused to dial (400, 21211)',
    });
    assert.equal(requests.length, 1);
  });

  it('repeats a dialling only when Twilio was too busy to take it', async (t) => {
    const busy = await setUp(t, failure(429, 20429));
    await assert.rejects(busy.control.dial(dialRequest), { code: 'CARRIER_UNAVAILABLE' });
    assert.equal(busy.requests.length, 3);
    const failing = await setUp(t, failure(500, 20500));
    await assert.rejects(failing.control.dial(dialRequest), { code: 'CARRIER_UNCERTAIN', retryable: false });
    const cut = await setUp(t, (response) => response.destroy());
    await assert.rejects(cut.control.dial(dialRequest), { code: 'CARRIER_UNCERTAIN', retryable: false });
    assert.deepEqual([failing.requests.length, cut.requests.length], [1, 1]);
  });

  it('lets other requests be repeated when Twilio fails or cannot be reached', async (t) => {
    const { control } = await setUp(t, failure(503, 20503));
    await assert.rejects(control.hangUp(callSid), { code: 'CARRIER_UNAVAILABLE' });
    const closed = await setUp(t, success);
    await closed.stop();
    await assert.rejects(closed.control.dial(dialRequest), { code: 'CARRIER_UNREACHABLE' });
  });

  it('takes a success that names no call, and a page in place of an answer, for no answer', async (t) => {
    const nameless = await setUp(t, json(201, { status: 'queued' }));
    await assert.rejects(nameless.control.dial(dialRequest), { code: 'CARRIER_UNCERTAIN' });
    const page = await setUp(t, (response) => response.writeHead(502).end('<html>Bad gateway</html>'));
    await assert.rejects(page.control.hangUp(callSid), { code: 'CARRIER_UNAVAILABLE', message: /\(502\)/ });
  });

  it('shows who asks, and asks nobody to whom it is sent on', async (t) => {
    const { control, requests } = await setUp(t, (response) => {
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await assert.rejects(control.hangUp(callSid), { code: 'CARRIER_REFUSED' });
    assert.equal(requests.length, 1);
    assert.equal(requests[0]!.authorization, `Basic ${btoa(`${account}:example-auth-token`)}`);
  });

  it('hangs up without an address of its own, and does nothing else', async (t) => {
    const { client, requests } = await setUp(t, success);
    const control = new TwilioCallControl(client, { publicUrl: undefined });
    await control.hangUp(callSid);
    await assert.rejects(control.dial(dialRequest), { code: 'NOT_CONFIGURED' });
    await assert.rejects(control.transfer(call, '+15550111', '+15550199'), { code: 'NOT_CONFIGURED' });
    await assert.rejects(control.restartMedia(call), { code: 'NOT_CONFIGURED' });
    assert.equal(requests.length, 1);
  });

  it('does not answer by request', async (t) => {
    const { control } = await setUp(t, success);
    await assert.rejects(control.answer(), { code: 'CARRIER_REFUSED' });
  });
});
