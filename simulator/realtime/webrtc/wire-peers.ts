// Peers without ICE, DTLS and codecs, for pages that live in this process: what one side plays the other side has, in virtual time too.
import type { OpenPeer, Peer, PeerListener } from './peer.ts';

const silent: PeerListener = { onConnected() {}, onAudio() {}, onMessage() {}, onClosed() {} };

class Joint {
  page: PeerListener = silent;
  service: PeerListener = silent;
  isTaken = false;
  isOpen = true;

  /** Both ends are told: each learns of the end of the other. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.page.onClosed();
    this.service.onClosed();
  }
}

/** The page's end. */
export interface PagePeer {
  readonly offer: string;
  listen(listener: PeerListener): void;
  /** The answer was understood: sound can flow. */
  connect(): void;
  play(samples: Int16Array): void;
  send(text: string): void;
  close(): void;
}

export class WirePeers {
  readonly #joints = new Map<string, Joint>();
  #count = 0;

  createPage(): PagePeer {
    this.#count += 1;
    const name = `wire-${this.#count}`;
    const joint = new Joint();
    this.#joints.set(name, joint);
    return {
      offer: formatSdp(name, 'actpass'),
      listen: (listener) => {
        joint.page = listener;
      },
      connect: () => {
        if (!joint.isOpen || !joint.isTaken) return;
        joint.service.onConnected();
        joint.page.onConnected();
      },
      play: (samples) => joint.isOpen && joint.service.onAudio(samples),
      send: (text) => joint.isOpen && joint.service.onMessage(text),
      close: () => joint.close(),
    };
  }

  /** Undefined: the offer is not of a page in this process. */
  find(offer: string): ReturnType<OpenPeer> | undefined {
    const name = /^s=(wire-\d+)\r?$/m.exec(offer)?.[1];
    const joint = name && this.#joints.get(name);
    if (!joint) return undefined;
    if (joint.isTaken) return Promise.reject(new Error('the offer was answered before'));
    joint.isTaken = true;
    const peer: Peer = {
      answer: formatSdp(name, 'active'),
      listen: (listener) => {
        joint.service = listener;
      },
      play: (samples) => joint.isOpen && joint.page.onAudio(samples),
      send: (text) => joint.isOpen && joint.page.onMessage(text),
      close: () => joint.close(),
    };
    return Promise.resolve(peer);
  }
}

function formatSdp(name: string, setup: string): string {
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', `s=${name}`, 't=0 0', 'a=group:BUNDLE 0 1'];
  const audio = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', `a=setup:${setup}`, 'a=mid:0', 'a=rtpmap:111 opus/48000/2'];
  const data = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', `a=setup:${setup}`, 'a=mid:1'];
  return [...lines, ...audio, ...data, ''].join('\r\n');
}
