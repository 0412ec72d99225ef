// Builds what the functions are made of from the settings: stores, carriers, agents, and what works with them.
import { type AgentProfiles, loadAgents } from '../shared/agents/agent.ts';
import { type Config, requireSettings } from '../shared/config.ts';
import { AppError } from '../shared/errors.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { MediaTokens } from '../shared/media-token.ts';
import { CallLedger } from '../shared/stores/call-ledger.ts';
import { openStores, type Stores } from '../shared/stores/open-stores.ts';
import { findAcsEndpoint } from '../shared/telephony/acs-client.ts';
import { AcsTokenVerifier, findAcsOpenIdUrl } from '../shared/telephony/acs-token-verifier.ts';
import { type CallControls, createCallControls } from '../shared/telephony/call-controls.ts';
import { DialGuard } from '../shared/telephony/dial-guard.ts';
import { AcsCallEvents } from './acs/call-events.ts';
import type { AcsCallbackHandlerOptions } from './acs/callback-handler.ts';
import { EventGridDispatcher } from './acs/event-grid-dispatcher.ts';
import { IncomingCalls } from './acs/incoming-calls.ts';
import { CallOperations } from './api/call-operations.ts';
import { OutboundCalls, type OutboundLine } from './api/outbound-calls.ts';
import { CallUrls } from './call-urls.ts';
import { createTwilioHandlers, type TwilioHandlers } from './twilio/hook-handlers.ts';

export interface Services {
  readonly log: Logger;
  readonly stores: Stores;
  readonly eventGrid: EventGridDispatcher;
  /** Undefined without an ACS resource. */
  readonly acsCallbacks: AcsCallbackHandlerOptions | undefined;
  /** Undefined without a Twilio account. */
  readonly twilioHandlers: TwilioHandlers | undefined;
  readonly outbound: OutboundCalls;
  readonly operations: CallOperations;
  readonly sourceNumber: string | undefined;
  close(): Promise<void>;
}

/** What the caller brings is the caller's to close. */
export interface ServiceOverrides {
  readonly stores?: Stores;
  readonly log?: Logger;
  readonly controls?: CallControls;
  readonly now?: () => number;
  /** Waits; for tests, which do not. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Throws BAD_SETTING, or STORE_UNAVAILABLE when a store cannot be opened. */
export async function createServices(config: Config, overrides: ServiceOverrides = {}): Promise<Services> {
  const needed = requireSettings(config, 'functions', ['PUBLIC_URL', 'BRIDGE_URL', 'MEDIA_TOKEN_SECRET']);
  const log = overrides.log ?? createLogger({ level: config.LOG_LEVEL, showPii: config.LOG_PII, service: 'functions' });
  const agents = loadAgents(config.AGENTS_FOLDER);
  const agent = config.DEFAULT_AGENT;
  if (!agents.has(agent)) throw new AppError('BAD_SETTING', `DEFAULT_AGENT names no agent: ${agent}`);
  const controls = overrides.controls ?? createCallControls(config);
  if (controls.size === 0) log.warn('no carrier is configured: no call can be answered or placed');

  const stores = overrides.stores ?? (await openStores(config, { log }));
  const { stream, leases, history } = stores;
  const { now, pause } = overrides;
  const ledger = new CallLedger(stream, history);
  const { PUBLIC_URL: publicUrl, BRIDGE_URL: bridgeUrl } = needed;
  const tokens = new MediaTokens(needed.MEDIA_TOKEN_SECRET);
  const urls = new CallUrls({ publicUrl, bridgeUrl, tokens });
  const guard = new DialGuard(config, leases, log);
  const acs = controls.get('acs');
  const twilioToken = controls.has('twilio') ? config.TWILIO_AUTH_TOKEN : undefined;
  return {
    log,
    stores,
    eventGrid: new EventGridDispatcher({
      incoming: new IncomingCalls({ ledger, leases, control: acs, urls, agent, log, now }),
      log,
    }),
    acsCallbacks: acs && {
      tokens: createAcsTokenVerifier(config, log),
      events: new AcsCallEvents({ ledger, stream, leases, control: acs, log, pause }),
    },
    twilioHandlers:
      twilioToken === undefined
        ? undefined
        : createTwilioHandlers({
            authToken: twilioToken,
            publicUrl,
            bridgeUrl,
            ledger,
            leases,
            tokens,
            agents,
            agent,
            log,
          }),
    outbound: createOutboundCalls(config, { stores, ledger, controls, agents, guard, urls, log, now }),
    operations: new CallOperations({ ledger, history, controls, agents, guard }),
    sourceNumber: config.ACS_PHONE_NUMBER ?? config.TWILIO_PHONE_NUMBER,
    close: async () => {
      if (!overrides.stores) await stores.close();
    },
  };
}

function createAcsTokenVerifier(config: Config, log: Logger): AcsTokenVerifier {
  const { ACS_RESOURCE_ID: resourceId, ACS_OPENID_URL } = config;
  if (resourceId === undefined)
    log.warn('ACS_RESOURCE_ID is not set: callbacks meant for any other ACS resource are believed too');
  return new AcsTokenVerifier({ openIdUrl: findAcsOpenIdUrl(ACS_OPENID_URL, findAcsEndpoint(config)), resourceId });
}

interface OutboundParts {
  readonly stores: Stores;
  readonly ledger: CallLedger;
  readonly controls: CallControls;
  readonly agents: AgentProfiles;
  readonly guard: DialGuard;
  readonly urls: CallUrls;
  readonly log: Logger;
  readonly now: (() => number) | undefined;
}

function createOutboundCalls(config: Config, parts: OutboundParts): OutboundCalls {
  const { stores, ledger, controls, agents, guard, urls, log, now } = parts;
  const numbers = { acs: config.ACS_PHONE_NUMBER, twilio: config.TWILIO_PHONE_NUMBER };
  const lines = new Map(
    [...controls].map(([carrier, control]): [typeof carrier, OutboundLine] => [
      carrier,
      { control, number: numbers[carrier] },
    ]),
  );
  const { stream } = stores;
  return new OutboundCalls({
    ledger,
    stream,
    guard,
    lines,
    agents,
    defaultAgent: config.DEFAULT_AGENT,
    urls,
    log,
    now,
  });
}
