// The page's own session with a realtime service, by WebRTC: sound both ways, and word when it is lost.
import { findRealtimeCallId } from '../../shared/call/realtime-call.ts';
import type { Session } from '../../shared/console-api.ts';

/** A network that lets WebRTC through does so at once; whoever waits hears nothing meanwhile. */
const connectTimeoutMs = 8_000;
/** A connection that is disturbed comes back by itself, or not at all. */
const disturbedMs = 3_000;

export interface DirectEvents {
  onSound(stream: MediaStream): void;
  /** Of the data channel. */
  onMessage(text: string): void;
  /** Comes once. */
  onLost(): void;
}

export class DirectLine {
  /** The service's name of the session. */
  readonly realtimeCallId: string;
  readonly #connection: RTCPeerConnection;
  readonly #sender: RTCRtpSender;
  #isHeard = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The service hears nothing yet. Rejects where no connection can be had. */
  static async open(session: Session, microphone: MediaStreamTrack, events: DirectEvents): Promise<DirectLine> {
    const connection = new RTCPeerConnection();
    try {
      const track = copyOf(microphone, false);
      const sender = connection.addTrack(track, new MediaStream([track]));
      connection.createDataChannel('oai-events').onmessage = ({ data }) => events.onMessage(String(data));
      connection.ontrack = ({ streams, track: sound }) => events.onSound(streams[0] ?? new MediaStream([sound]));
      const signal = AbortSignal.timeout(connectTimeoutMs);
      await connection.setLocalDescription();
      const realtimeCallId = await exchange(connection, session, signal);
      await connected(connection, signal);
      return new DirectLine(connection, sender, realtimeCallId, events);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  private constructor(
    connection: RTCPeerConnection,
    sender: RTCRtpSender,
    realtimeCallId: string,
    { onLost }: DirectEvents,
  ) {
    this.#connection = connection;
    this.#sender = sender;
    this.realtimeCallId = realtimeCallId;
    connection.onconnectionstatechange = () => {
      clearTimeout(this.#timer);
      const { connectionState } = connection;
      if (connectionState === 'disconnected') this.#timer = setTimeout(onLost, disturbedMs);
      if (connectionState === 'failed' || connectionState === 'closed') onLost();
    };
  }

  /** Whether the service hears the microphone, or silence. */
  set isHeard(isHeard: boolean) {
    this.#isHeard = isHeard;
    if (this.#sender.track) this.#sender.track.enabled = isHeard;
  }

  async useMicrophone(microphone: MediaStreamTrack): Promise<void> {
    const before = this.#sender.track;
    await this.#sender.replaceTrack(copyOf(microphone, this.#isHeard));
    before?.stop();
  }

  /** Idempotent; nobody is told. */
  close(): void {
    clearTimeout(this.#timer);
    this.#connection.onconnectionstatechange = null;
    this.#sender.track?.stop();
    this.#connection.close();
  }
}

/** Muted apart from the one that the meter shows. */
function copyOf(microphone: MediaStreamTrack, enabled: boolean): MediaStreamTrack {
  const track = microphone.clone();
  track.enabled = enabled;
  return track;
}

async function exchange(connection: RTCPeerConnection, session: Session, signal: AbortSignal): Promise<string> {
  const response = await fetch(session.webrtc_url, {
    method: 'POST',
    headers: { authorization: `Bearer ${session.ephemeral_key}`, 'content-type': 'application/sdp' },
    body: connection.localDescription!.sdp,
    signal,
  });
  const realtimeCallId = findRealtimeCallId(response.headers.get('location'));
  if (!response.ok || realtimeCallId === undefined) throw new Error(`the voice service answers ${response.status}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  return realtimeCallId;
}

function connected(connection: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (connection.connectionState === 'connected') resolve();
      if (connection.connectionState === 'failed') reject(new Error('no way to the voice service'));
    };
    connection.onconnectionstatechange = look;
    signal.addEventListener('abort', () => reject(new Error('no way to the voice service in time')));
    look();
  });
}
