// Everything that is tried, in the order in which it is told: what others rest on comes first.
import type { Check, Part } from './check.ts';
import { acsAccess } from './checks/acs-access.ts';
import { acsNumber } from './checks/acs-number.ts';
import { acsSigningKeys } from './checks/acs-signing-keys.ts';
import { agentSecrets } from './checks/agent-secrets.ts';
import { apiAccess } from './checks/api-access.ts';
import { applicationInsights } from './checks/application-insights.ts';
import { bridgeAddress } from './checks/bridge-address.ts';
import { callEndedTopic } from './checks/call-ended-topic.ts';
import { chatModel } from './checks/chat-model.ts';
import { clock } from './checks/clock.ts';
import { deadLetters } from './checks/dead-letters.ts';
import { eventGridHandshake } from './checks/event-grid-handshake.ts';
import { history } from './checks/history.ts';
import { liveEvents } from './checks/live-events.ts';
import { liveState } from './checks/live-state.ts';
import { maps } from './checks/maps.ts';
import { publicAddress } from './checks/public-address.ts';
import { realtimeModel } from './checks/realtime-model.ts';
import { recordings } from './checks/recordings.ts';
import { searchIndex } from './checks/search-index.ts';
import { setup } from './checks/setup.ts';
import { speech } from './checks/speech.ts';
import { transcription } from './checks/transcription.ts';
import { twilioAccount } from './checks/twilio-account.ts';
import { twilioNumber } from './checks/twilio-number.ts';
import { voiceLiveModel } from './checks/voice-live-model.ts';

export const allChecks: readonly Check[] = [
  setup,
  agentSecrets,
  clock,
  publicAddress,
  apiAccess,
  bridgeAddress,
  liveEvents,
  eventGridHandshake,
  acsAccess,
  acsNumber,
  acsSigningKeys,
  twilioAccount,
  twilioNumber,
  liveState,
  history,
  recordings,
  deadLetters,
  realtimeModel,
  transcription,
  voiceLiveModel,
  speech,
  chatModel,
  searchIndex,
  maps,
  callEndedTopic,
  applicationInsights,
];

export function pickChecks(parts: readonly Part[]): readonly Check[] {
  return allChecks.filter((check) => check.parts.some((part) => parts.includes(part)));
}
