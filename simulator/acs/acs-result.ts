// The results that Call Automation reports in its events: code, sub-code and text.
// A sub-code that starts with 540 is the inbound phone network's, 560 the outbound one's; its last three digits are the SIP code.

export interface AcsResult {
  readonly code: number;
  readonly subCode: number;
  readonly message: string;
}

const result = (code: number, subCode: number, message: string): AcsResult => Object.freeze({ code, subCode, message });

export const acsResults = Object.freeze({
  ok: result(200, 0, ''),
  done: result(200, 0, 'Action completed successfully.'),
  endedByApplication: result(
    200,
    7000,
    'Call was ended by Azure Communication Service Call Automation API or a server bot. DiagCode: 0#7000.@',
  ),
  endedByCaller: result(200, 540000, 'Call ended successfully by local PSTN caller.'),
  endedByCallee: result(200, 560000, 'The conversation has ended. DiagCode: 0#560000.@'),
  /** After a transfer the application's own leg is taken out of the call. */
  leftAfterTransfer: result(200, 5300, 'The participant was removed from the conversation. DiagCode: 0#5300.@'),
  callerGaveUp: result(487, 540487, 'Request Terminated. DiagCode: 487#540487.@'),
  cancelled: result(487, 0, 'Request Terminated. DiagCode: 487#0.@'),
  ringTimeout: result(487, 10004, 'Request Terminated. DiagCode: 487#10004.@'),
  busy: result(486, 560486, 'Busy Here. DiagCode: 486#560486.@'),
  noAnswer: result(480, 560480, 'Temporarily Unavailable. DiagCode: 480#560480.@'),
  declined: result(603, 560603, 'Decline. DiagCode: 603#560603.@'),
  notFound: result(404, 560404, 'Not Found. DiagCode: 404#560404.@'),
  callerIdNotAllowed: result(403, 510403, 'Forbidden. DiagCode: 403#510403.@'),
  participantNotFound: result(404, 8522, 'Participant not found.'),
  transferAccepted: result(202, 0, ''),
  mediaUrlFailed: result(
    400,
    8581,
    'Action failed, Transport url is not valid or web socket server is not operational.',
  ),
  mediaInterrupted: result(500, 8578, 'Action failed, not able to establish WebSocket connection.'),
  mediaUrlMissing: result(405, 8522, 'Action failed, media streaming was not set up for this call.'),
  operationCanceled: result(400, 8508, 'Action failed, the operation was canceled.'),
  fileNotFound: result(400, 8536, 'Action failed, file could not be downloaded.'),
});
