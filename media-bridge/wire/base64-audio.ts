// Decodes the audio of a message into memory that all messages share.
import type { MessageCursor } from './message-cursor.ts';
import { wireKernel } from './shared-wire-kernel.ts';
import { audioBytes } from './wire-kernel.ts';

export class Base64Audio {
  /** Frames of equal length share one. */
  #view = wireKernel.heard.subarray(0, 0);

  /**
   * What the cursor found last. Undefined for what is not base64 through and through. The result holds until another message is
   * read, of whatever call: until whoever is told of it has returned.
   */
  decode({ bytes, start, end }: MessageCursor): Buffer | undefined {
    const { message, heard } = wireKernel;
    const letters = end - start;
    if ((letters / 4) * 3 > audioBytes) return undefined;
    const isThere = bytes === message;
    if (!isThere) bytes.copy(message, 0, start, end);
    const decoded = isThere ? wireKernel.decode(start, end) : wireKernel.decode(0, letters);
    if (decoded < 0) return undefined;
    if (this.#view.length !== decoded) this.#view = heard.subarray(0, decoded);
    return this.#view;
  }
}
