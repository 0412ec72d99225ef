// What a request to place or to change a call says, and the numbers of the errors with which Twilio refuses it.
import type { TwilioCallOptions } from './twilio-call.ts';
import type { TwilioContext } from './twilio-context.ts';
import type { TwimlSource } from './twiml-runner.ts';

/** Answered as `{code, message, more_info, status}`. */
export class RestError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const e164 = /^\+[1-9]\d{6,14}$/;
const maxTwimlLength = 4000;

/** Throws RestError. `numbers` are those of the account. */
export function readCreate(
  context: TwilioContext,
  numbers: Pick<ReadonlyMap<string, unknown>, 'has'>,
  form: URLSearchParams,
): TwilioCallOptions {
  const refuse = (code: number, message: string) => new RestError(400, code, message);
  const [to, from] = [form.get('To'), form.get('From')];
  if (!to) throw refuse(21201, "No 'To' number is specified");
  if (!from) throw refuse(21213, "No 'From' number is specified");
  if (!e164.test(to) || to === from)
    throw refuse(21211, `The phone number you are attempting to call, ${to}, is not valid`);
  if (!e164.test(from)) throw refuse(21212, `The phone number ${from} is not valid`);
  if (!numbers.has(from)) throw refuse(21210, `The source phone number provided, ${from}, is not yet verified`);
  const source = readSource(form);
  if (!source) throw refuse(21205, 'Url parameter is required');
  const timeoutSeconds = Number(form.get('Timeout') ?? 60);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 600)) throw refuse(21208, 'Timeout is not valid');
  const detection = form.get('MachineDetection');
  if (detection !== null && detection !== 'Enable' && detection !== 'DetectMessageEnd') {
    throw refuse(21234, 'MachineDetection is not valid');
  }
  const isAsync = form.get('AsyncAmd') === 'true';
  // Waiting for the verdict before the TwiML is asked for is not played here.
  if (detection !== null && !isAsync) throw new RestError(501, 20501, 'The stand-in knows AsyncAmd only');
  const amdCallback = form.get('AsyncAmdStatusCallback') ?? undefined;
  if (detection !== null && amdCallback === undefined) context.warn(21262, '', 'AsyncAmd without a callback');
  const statusEvents = form.getAll('StatusCallbackEvent');
  return {
    direction: 'outbound-api',
    from,
    to,
    source,
    timeoutSeconds,
    statusCallback: form.get('StatusCallback') ?? undefined,
    statusEvents: statusEvents.length > 0 ? statusEvents : ['completed'],
    amdCallback: detection === null ? undefined : amdCallback,
  };
}

/** Undefined: the form names no document. */
export function readSource(form: URLSearchParams): TwimlSource | undefined {
  const [url, twiml] = [form.get('Url'), form.get('Twiml')];
  if (url) return { url };
  if (twiml === null) return undefined;
  if (twiml.length > maxTwimlLength) throw new RestError(400, 32018, 'Twiml is longer than 4000 characters');
  return { twiml };
}
