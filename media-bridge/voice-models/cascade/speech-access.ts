// How to reach Azure Speech: where its two services are, with what key or identity, and what their errors mean to us.
import type { TokenCredential } from '@azure/identity';
import * as sdk from 'microsoft-cognitiveservices-speech-sdk';
import { AppError } from '../../../shared/errors.ts';
import { within } from '../../../shared/within.ts';
import { prepareSpeechSdk } from './speech-sdk-internals.ts';

export interface SpeechAccess {
  /** https://<resource>.cognitiveservices.azure.com, or ws://127.0.0.1:<port>. */
  readonly endpoint: string;
  readonly key?: string | undefined;
  readonly credential?: TokenCredential | undefined;
}

/** A service that takes longer to accept a connection is of no use on the phone. */
export const connectTimeoutMs = 5_000;

const paths = {
  recognition: '/stt/speech/universal/v2',
  // Not v1: for that very path the SDK first asks port 443 of the host for a redirect.
  synthesis: '/tts/cognitiveservices/websocket/v2',
} as const;

export function createSpeechConfig(access: SpeechAccess, service: keyof typeof paths): sdk.SpeechConfig {
  prepareSpeechSdk();
  const url = new URL(paths[service], access.endpoint.replace(/^http/, 'ws'));
  if (access.key) return sdk.SpeechConfig.fromEndpoint(url, access.key);
  if (access.credential) return sdk.SpeechConfig.fromEndpoint(url, access.credential);
  throw new AppError('NOT_CONFIGURED', { what: 'AZURE_SPEECH_KEY or an identity' });
}

const azureSpeech = { service: 'Azure Speech' };

/** The SDK tells of refusals in words only. Its words hold the URL, so they are read here and go no further. */
export function toSpeechError(details: unknown): AppError {
  const text = details instanceof Error ? details.message : String(details ?? '');
  const status = /(?:Unexpected server response|StatusCode|status code|error code)\D{0,3}(\d{3,4})/gi;
  const codes = [...text.matchAll(status)].map((match) => Number(match[1]));
  if (codes.includes(401) || codes.includes(403)) return new AppError('MODEL_REFUSED', azureSpeech);
  if (codes.includes(404)) return new AppError('MODEL_REFUSED', 'AZURE_SPEECH_ENDPOINT is no Azure Speech resource.');
  if (codes.includes(429) || /too many requests|quota/i.test(text)) return new AppError('MODEL_THROTTLED', azureSpeech);
  if (codes.includes(1007)) return new AppError('MODEL_PROTOCOL', 'Azure Speech does not understand our request.');
  return new AppError('MODEL_UNAVAILABLE', azureSpeech);
}

/** Resolves once the socket is open; rejects with an AppError after `connectTimeoutMs` at the latest, or with the signal's reason. */
export function openConnection(connection: sdk.Connection, signal: AbortSignal): Promise<void> {
  return callSdk((resolve, reject) => connection.openConnection(resolve, reject), signal);
}

/** The answer of the SDK to what it is asked, which calls one of the two back: bounded as the opening of a connection is. */
export function callSdk(
  ask: (resolve: () => void, reject: (details: unknown) => void) => void,
  signal: AbortSignal,
): Promise<void> {
  const answered = () =>
    new Promise<void>((resolve, reject) => ask(resolve, (details) => reject(toSpeechError(details))));
  const isTooSlow = () => {
    throw new AppError('MODEL_UNAVAILABLE', `Azure Speech took longer than ${connectTimeoutMs} ms.`);
  };
  return within(connectTimeoutMs, answered, isTooSlow, signal);
}
