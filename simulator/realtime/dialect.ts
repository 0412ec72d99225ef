// How the two services differ on the wire: the GA realtime API, and Voice Live, which kept the names of the preview.

export type DialectName = 'realtime-ga' | 'voice-live';

export interface Dialect {
  readonly name: DialectName;
  readonly audioDelta: string;
  readonly audioDone: string;
  readonly transcriptDelta: string;
  readonly transcriptDone: string;
  readonly textDelta: string;
  readonly textDone: string;
  /** Sent when an item joins the conversation. */
  readonly itemAdded: string;
  /** Whether the items of the model and of the client are told to be done; committed speech always is. */
  readonly tellsItemsDone: boolean;
  readonly audioContent: string;
  readonly textContent: string;
  /** Text deltas carry random padding, and content parts come twice. */
  readonly padded: boolean;
  readonly itemObject: boolean;
}

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'realtime-ga': {
    name: 'realtime-ga',
    audioDelta: 'response.output_audio.delta',
    audioDone: 'response.output_audio.done',
    transcriptDelta: 'response.output_audio_transcript.delta',
    transcriptDone: 'response.output_audio_transcript.done',
    textDelta: 'response.output_text.delta',
    textDone: 'response.output_text.done',
    itemAdded: 'conversation.item.added',
    tellsItemsDone: true,
    audioContent: 'output_audio',
    textContent: 'output_text',
    padded: true,
    itemObject: false,
  },
  'voice-live': {
    name: 'voice-live',
    audioDelta: 'response.audio.delta',
    audioDone: 'response.audio.done',
    transcriptDelta: 'response.audio_transcript.delta',
    transcriptDone: 'response.audio_transcript.done',
    textDelta: 'response.text.delta',
    textDone: 'response.text.done',
    itemAdded: 'conversation.item.created',
    tellsItemsDone: false,
    audioContent: 'audio',
    textContent: 'text',
    padded: false,
    itemObject: true,
  },
};
