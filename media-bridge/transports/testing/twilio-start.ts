// The first message of a Twilio media stream that counts, as Twilio writes it.

export function formatTwilioStart(token: string): string {
  return JSON.stringify({
    event: 'start',
    streamSid: 'MZ01',
    start: {
      accountSid: 'AC01',
      streamSid: 'MZ01',
      callSid: 'CA01',
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: { token },
    },
  });
}
