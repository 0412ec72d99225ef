// The microphone and the speaker of a call in the browser, on one clock of 24 kHz.
import workletUrl from './voice.worklet.ts?worker&url';

const sampleRate = 24_000;

export interface VoiceEvents {
  /** 20 ms of PCM. */
  onFrame(frame: ArrayBuffer): void;
  onPlayed(report: { clear: number; bytes: number }): void;
  /** From 0 to 1. */
  onLevel(side: 'caller' | 'agent', level: number): void;
  /** The microphone was taken away: another one is used, or none is left. */
  onMicrophone(hasOne: boolean): void;
  /** Another microphone is in use. */
  onTrack(track: MediaStreamTrack): void;
}

export class VoiceDevices {
  readonly #context: AudioContext;
  readonly #events: VoiceEvents;
  readonly #microphone: AudioWorkletNode;
  readonly #speaker: AudioWorkletNode;
  #stream: MediaStream | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  /** What comes from the voice service itself. */
  #sound: { readonly source: MediaStreamAudioSourceNode; readonly pump: HTMLAudioElement } | undefined;
  #isMuted = false;
  #isClosed = false;
  readonly #wake = () => {
    // A phone that slept, or a tab that was put away, wakes up with its audio suspended.
    if (!document.hidden && !this.#isClosed) void this.#context.resume().catch(() => {});
  };
  readonly #change = () => void this.#replaceLost();

  /** Throws what getUserMedia throws: NotAllowedError, NotFoundError and the like. */
  static async open(deviceId: string | undefined, events: VoiceEvents): Promise<VoiceDevices> {
    const stream = await openMicrophone(deviceId);
    const context = new AudioContext({ sampleRate, latencyHint: 'interactive' });
    try {
      await context.audioWorklet.addModule(workletUrl);
      await context.resume();
      return new VoiceDevices(context, stream, events);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      await context.close();
      throw error;
    }
  }

  private constructor(context: AudioContext, stream: MediaStream, events: VoiceEvents) {
    this.#context = context;
    this.#events = events;
    this.#microphone = new AudioWorkletNode(context, 'microphone', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    this.#speaker = new AudioWorkletNode(context, 'speaker', {
      channelCount: 1,
      channelCountMode: 'explicit',
      outputChannelCount: [1],
    });
    this.#microphone.port.onmessage = ({ data }: MessageEvent<{ buffer: ArrayBuffer; peak: number }>) => {
      events.onLevel('caller', this.#isMuted ? 0 : data.peak);
      events.onFrame(this.#isMuted ? new ArrayBuffer(data.buffer.byteLength) : data.buffer);
    };
    let told = 0;
    this.#speaker.port.onmessage = ({ data }: MessageEvent<{ clear: number; bytes: number; peak: number }>) => {
      events.onLevel('agent', data.peak);
      // What the voice service plays itself is only shown.
      if (data.bytes !== told) events.onPlayed(data);
      told = data.bytes;
    };
    this.#speaker.connect(context.destination);
    this.#use(stream);
    document.addEventListener('visibilitychange', this.#wake);
    navigator.mediaDevices.addEventListener('devicechange', this.#change);
  }

  set isMuted(isMuted: boolean) {
    this.#isMuted = isMuted;
  }

  get track(): MediaStreamTrack {
    return this.#stream!.getAudioTracks()[0]!;
  }

  /** Beside what is given to `play`; undefined ends it. */
  playStream(stream: MediaStream | undefined): void {
    this.#sound?.source.disconnect();
    this.#sound?.pump.pause();
    this.#sound = undefined;
    if (!stream || this.#isClosed) return;
    // Chromium moves the sound of a peer only where an element plays it too.
    const pump = new Audio();
    pump.muted = true;
    pump.srcObject = stream;
    void pump.play().catch(() => {});
    const source = this.#context.createMediaStreamSource(stream);
    source.connect(this.#speaker);
    this.#sound = { source, pump };
  }

  play(audio: ArrayBuffer): void {
    this.#speaker.port.postMessage(audio, [audio]);
  }

  /** Drops what was not played; what is played from here on is counted from nothing. */
  clear(clear: number): void {
    this.#speaker.port.postMessage(clear);
    this.#events.onLevel('agent', 0);
  }

  /** How the agent sounds from here on; what waits is kept. */
  change(manner: 'plain' | 'soft' | 'paused'): void {
    this.#speaker.port.postMessage(manner);
  }

  /** Throws as `open` does; the microphone that there was stays. */
  async useMicrophone(deviceId: string | undefined): Promise<void> {
    const stream = await openMicrophone(deviceId);
    if (this.#isClosed) {
      stopAll(stream);
      return;
    }
    this.#use(stream);
    this.#events.onTrack(this.track);
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    document.removeEventListener('visibilitychange', this.#wake);
    navigator.mediaDevices.removeEventListener('devicechange', this.#change);
    this.playStream(undefined);
    if (this.#stream) stopAll(this.#stream);
    void this.#context.close().catch(() => {});
  }

  #use(stream: MediaStream): void {
    this.#source?.disconnect();
    if (this.#stream) stopAll(this.#stream);
    this.#stream = stream;
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#microphone);
    for (const track of stream.getAudioTracks()) track.addEventListener('ended', this.#change);
  }

  /** The one in use was unplugged: whatever the system has instead. */
  async #replaceLost(): Promise<void> {
    const isLive = this.#stream?.getAudioTracks().some(({ readyState }) => readyState === 'live');
    if (this.#isClosed || isLive) return;
    try {
      await this.useMicrophone(undefined);
      this.#events.onMicrophone(true);
    } catch {
      this.#events.onMicrophone(false);
    }
  }
}

function openMicrophone(deviceId: string | undefined): Promise<MediaStream> {
  // On loudspeakers the agent would hear, and interrupt, itself.
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  return navigator.mediaDevices.getUserMedia({ audio: { ...audio, ...device } });
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
