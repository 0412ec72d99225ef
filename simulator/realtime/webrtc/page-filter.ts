// What a page is shown of a session where `webrtcfilter=on`: what is said and when, and neither instructions nor tools.
const shown: ReadonlySet<string> = new Set([
  'input_audio_buffer.speech_started',
  'input_audio_buffer.speech_stopped',
  'output_audio_buffer.started',
  'output_audio_buffer.stopped',
  'conversation.item.input_audio_transcription.completed',
  'conversation.item.added',
  'conversation.item.created',
  'response.output_text.delta',
  'response.output_text.done',
  'response.output_audio_transcript.delta',
  'response.output_audio_transcript.done',
]);

export function isShownToPage(message: string): boolean {
  return shown.has((JSON.parse(message) as { type: string }).type);
}
