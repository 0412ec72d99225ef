// The TwiML of the room in which a caller and the person who takes them over meet: a conference of Twilio's, without us in it.
import type { CallId } from '../call/call.ts';
import { formatTwilioHookUrl, formatTwiml } from './twilio-twiml.ts';
import { XmlElement } from './xml.ts';

export interface Room {
  readonly publicUrl: string;
  /** Of the caller's call. */
  readonly callId: CallId;
}

/** Twilio's names of rooms are of the whole account. */
const formatRoomName = (callId: CallId) => `parley-${callId}`;

/** Who comes first is asked for what is to be told of the room. When the person leaves, it is over for both. */
export function createPersonRoomTwiml(room: Room): string {
  const conference = createConference(room, { startConferenceOnEnter: true, waitUrl: '' });
  return formatTwiml(new XmlElement('Dial', {}, conference));
}

/**
 * The caller does not open the room: who is alone there, since the person has hung up meanwhile, waits, and Twilio asks
 * /twilio/room-alone what they hear. Afterwards it asks /twilio/transfer-ended.
 */
export function createCallerRoomTwiml(room: Room): string {
  const { publicUrl, callId } = room;
  const waitUrl = formatTwilioHookUrl(publicUrl, 'room-alone', callId);
  const conference = createConference(room, { startConferenceOnEnter: false, waitUrl, waitMethod: 'POST' });
  const action = formatTwilioHookUrl(publicUrl, 'transfer-ended', callId);
  return formatTwiml(new XmlElement('Dial', { action, method: 'POST' }, conference));
}

/** Asked again and again while the caller is alone. */
export function createAloneTwiml(): string {
  return formatTwiml(new XmlElement('Pause', { length: 1 }));
}

function createConference({ publicUrl, callId }: Room, attributes: Record<string, string | boolean>): XmlElement {
  const told = {
    statusCallback: formatTwilioHookUrl(publicUrl, 'room-entered', callId),
    statusCallbackMethod: 'POST',
    statusCallbackEvent: 'join',
  };
  const common = { beep: false, endConferenceOnExit: true };
  return new XmlElement('Conference', { ...attributes, ...common, ...told }, formatRoomName(callId));
}
