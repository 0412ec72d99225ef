// What goes wrong with audio, counted where it moves, in plain numbers: whoever wants to know reads them.

/** Of all calls of a process. They only grow. */
export class MediaCounts {
  /** Frames that were due when the caller's ear had come to the end of those before: a gap was heard. */
  lateFrames = 0;
  /** Frames that were not sent: the carrier does not read, or nobody could listen to that much. */
  droppedFrames = 0;
  /** Silence that was made up in place of frames that a carrier did not send. */
  filledMs = 0;
}
