// What Twilio's API tells of an account itself: that it is active, and which numbers it has and where their calls go.
export interface TwilioNumber {
  /** Asked for TwiML when somebody rings. */
  readonly voiceUrl: string;
  /** Told of the end of incoming calls. */
  readonly statusCallback?: string;
}

export function describeAccount(sid: string) {
  return { sid, friendly_name: 'Stand-in', status: 'active', type: 'Full', owner_account_sid: sid };
}

/** All, or the one that is asked for: as Twilio does, by a part of it too. */
export function describeNumbers(numbers: ReadonlyMap<string, TwilioNumber>, url: URL) {
  const wanted = url.searchParams.get('PhoneNumber') ?? '';
  const found = [...numbers].filter(([number]) => number.includes(wanted));
  return {
    incoming_phone_numbers: found.map(([number, { voiceUrl, statusCallback }]) => ({
      phone_number: number,
      voice_url: voiceUrl,
      voice_method: 'POST',
      status_callback: statusCallback ?? '',
      status_callback_method: 'POST',
      capabilities: { voice: true, sms: true, mms: false, fax: false },
    })),
    page: 0,
    page_size: 50,
    next_page_uri: null,
  };
}
