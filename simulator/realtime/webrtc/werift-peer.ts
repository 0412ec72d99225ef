// A peer over the real protocols: ICE, DTLS, SRTP and SCTP by werift, Opus by @evan/opus, on loopback.
import { Decoder, Encoder } from '@evan/opus';
import {
  type RTCPeerConnection as Connection,
  MediaStreamTrack,
  type RTCDataChannel,
  RTCPeerConnection,
  RtpHeader,
  RtpPacket,
  useOPUS,
} from 'werift';
import { type OpenPeer, type Peer, type PeerListener, peerFrameMs, peerSampleRate } from './peer.ts';

/** RTP counts Opus at 48 kHz whatever is in it. */
const ticksAFrame = 48 * peerFrameMs;
/** No page asks for more before its channel is open. */
const maxEarlyMessages = 256;
/** At once, before anything is said: a page whose buffer fills while it is played stretches words until nobody knows them. */
const framesAhead = 44;
const gatherTimeoutMs = 2_000;

export const openWeriftPeer: OpenPeer = async (offer) => {
  const connection = new RTCPeerConnection({
    codecs: { audio: [useOPUS({ payloadType: 111, parameters: 'minptime=10;useinbandfec=1' })] },
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
  });
  const peer = new WeriftPeer(connection);
  try {
    await peer.answerTo(offer);
    return peer;
  } catch (error) {
    peer.close();
    throw error;
  }
};

class WeriftPeer implements Peer {
  readonly #connection: Connection;
  readonly #track = new MediaStreamTrack({ kind: 'audio' });
  readonly #decoder = new Decoder({ channels: 1, sample_rate: peerSampleRate });
  readonly #encoder = new Encoder({ channels: 1, sample_rate: peerSampleRate, application: 'voip' });
  #channel: RTCDataChannel | undefined;
  #early: string[] = [];
  #listener: PeerListener | undefined;
  #sequence = 0;
  #timestamp = 0;
  #isClosed = false;
  answer = '';

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onDataChannel.subscribe((channel) => this.#use(channel));
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#begin();
      if (state === 'failed' || state === 'disconnected' || state === 'closed') this.close();
    });
    connection.onRemoteTransceiverAdded.subscribe((transceiver) => {
      transceiver.onTrack.once((track) => {
        track.onReceiveRtp.subscribe(({ payload }) => this.#hear(payload));
      });
    });
  }

  async answerTo(offer: string): Promise<void> {
    const connection = this.#connection;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    const transceiver = connection.getTransceivers().find(({ kind }) => kind === 'audio')!;
    transceiver.sender.replaceTrack(this.#track);
    transceiver.setDirection('sendrecv');
    await connection.setLocalDescription(await connection.createAnswer());
    if (connection.iceGatheringState !== 'complete')
      await connection.iceGatheringStateChange.watch((state) => state === 'complete', gatherTimeoutMs);
    this.answer = connection.localDescription!.sdp;
  }

  listen(listener: PeerListener): void {
    this.#listener = listener;
  }

  play(samples: Int16Array): void {
    if (this.#connection.connectionState !== 'connected') return;
    const header = new RtpHeader({
      sequenceNumber: this.#sequence,
      timestamp: this.#timestamp,
      payloadType: 111,
      marker: this.#sequence === 0,
    });
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + ticksAFrame) >>> 0;
    this.#track.writeRtp(new RtpPacket(header, Buffer.from(this.#encoder.encode(samples))));
  }

  send(text: string): void {
    if (this.#channel?.readyState === 'open') this.#channel.send(text);
    else if (this.#early.length < maxEarlyMessages) this.#early.push(text);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#connection.close();
    this.#listener?.onClosed();
  }

  #begin(): void {
    const silence = new Int16Array((peerSampleRate / 1000) * peerFrameMs);
    for (let frames = framesAhead; frames > 0; frames--) this.play(silence);
    this.#listener?.onConnected();
  }

  #use(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.onMessage.subscribe((message) => this.#listener?.onMessage(String(message)));
    channel.stateChanged.subscribe((state) => {
      if (state === 'open') this.#flush();
    });
    if (channel.readyState === 'open') this.#flush();
  }

  #flush(): void {
    for (const text of this.#early.splice(0)) this.#channel?.send(text);
  }

  #hear(payload: Buffer): void {
    const bytes = this.#decoder.decode(payload);
    this.#listener?.onAudio(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1).slice());
  }
}
