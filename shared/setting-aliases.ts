// The names that other Azure and Twilio samples have for settings: those that mean the same as one of ours are taken for it.
import type { Logger } from './logger.ts';

/** What an operator brought along from elsewhere. */
export interface ForeignSetting {
  readonly name: string;
  /** What has its place here. */
  readonly ours: string;
  /** False: nobody reads it. */
  readonly isTaken: boolean;
}

/** Where `form` is given, only a value of that form means the same: the name has other meanings too. */
const aliases: readonly { readonly name: string; readonly ours: string; readonly form?: RegExp }[] = [
  { name: 'CALLBACK_URI_HOST', ours: 'PUBLIC_URL', form: /^https?:/i },
  { name: 'CALLBACK_URI_HOST', ours: 'BRIDGE_URL', form: /^wss?:/i },
  { name: 'BASE_URL', ours: 'PUBLIC_URL', form: /^https?:/i },
  { name: 'AZURE_ACS_CONN_KEY', ours: 'ACS_CONNECTION_STRING' },
  { name: 'AZURE_COMMUNICATION_CONNECTION_STRING', ours: 'ACS_CONNECTION_STRING' },
  { name: 'AZURE_ACS_ENDPOINT', ours: 'ACS_ENDPOINT' },
  { name: 'ACS_SOURCE_PHONE_NUMBER', ours: 'ACS_PHONE_NUMBER' },
  { name: 'PHONE_NUMBER_FROM', ours: 'TWILIO_PHONE_NUMBER' },
  { name: 'AZURE_OPENAI_MODEL_NAME', ours: 'AZURE_OPENAI_REALTIME_DEPLOYMENT' },
  { name: 'AZURE_OPENAI_REALTIME_DEPLOYMENT_NAME', ours: 'AZURE_OPENAI_REALTIME_DEPLOYMENT' },
  { name: 'AZURE_VOICELIVE_ENDPOINT', ours: 'AZURE_VOICE_LIVE_ENDPOINT' },
  { name: 'AZURE_VOICELIVE_API_KEY', ours: 'AZURE_VOICE_LIVE_API_KEY' },
  { name: 'AZURE_VOICELIVE_MODEL', ours: 'VOICE_LIVE_MODEL' },
  { name: 'AZURE_VOICELIVE_INSTRUCTIONS', ours: 'SYSTEM_PROMPT' },
];

const voices = "`voices` in the agent's file";
const none = 'nothing';
const unread: Readonly<Record<string, string>> = {
  CALLBACK_EVENTS_URI: 'PUBLIC_URL, without a path',
  AZURE_OPENAI_ENDPOINT_WS: 'AZURE_OPENAI_ENDPOINT, with https://',
  AZURE_GPT_REALTIME_URL: 'AZURE_OPENAI_ENDPOINT, without a path',
  AZURE_GPT_REALTIME_KEY: 'AZURE_OPENAI_API_KEY',
  AZURE_SPEECH_REGION: 'AZURE_SPEECH_ENDPOINT, with its custom domain',
  COGNITIVE_SERVICE_ENDPOINT: 'AZURE_SPEECH_ENDPOINT',
  VOICE: voices,
  AZURE_VOICELIVE_VOICE: voices,
  AZURE_VOICELIVE_API_VERSION: none,
  AZURE_VOICELIVE_REGION: 'AZURE_VOICE_LIVE_ENDPOINT',
  WEBRTC_URL: none,
  AZURE_USER_ASSIGNED_IDENTITY_CLIENT_ID: 'AZURE_CLIENT_ID',
};

type Settings = Readonly<Record<string, string | undefined>>;

/** A setting under its own name stands, and what else names it is passed over. */
export function translateSettings(given: Settings): { settings: Settings; foreign: readonly ForeignSetting[] } {
  const settings: Record<string, string | undefined> = { ...given };
  const foreign: ForeignSetting[] = [];
  for (const { name, ours, form } of aliases) {
    const value = given[name];
    if (value === undefined || settings[ours] !== undefined || form?.test(value) === false) continue;
    settings[ours] = value;
    foreign.push({ name, ours, isTaken: true });
  }
  for (const [name, ours] of Object.entries(unread))
    if (given[name] !== undefined) foreign.push({ name, ours, isTaken: false });
  return { settings, foreign };
}

/** Without their values, some of which are secrets. */
export function logForeignSettings(foreign: readonly ForeignSetting[], log: Pick<Logger, 'warn'>): void {
  for (const { name: setting, ours, isTaken } of foreign) {
    if (isTaken) log.warn({ setting, ours }, 'a setting was taken for the one of ours that means the same');
    else log.warn({ setting, ours }, 'a setting is not read: something else has its place');
  }
}
