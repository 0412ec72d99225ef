// Reads and checks the environment once. Plain frozen data: it builds nothing.
import { z } from 'zod';
import { turnDeciders } from './agents/turn-rules.ts';
import { voiceModelKinds } from './call/call.ts';
import { AppError } from './errors.ts';
import { type ForeignSetting, translateSettings } from './setting-aliases.ts';

const loopback = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

/** Only this machine can reach it. */
export function isLoopback(hostname: string): boolean {
  return loopback.has(hostname);
}

type Scheme = 'http' | 'ws';

/** Outside this machine only encrypted addresses are taken. */
function isSafe(text: string, schemes: readonly Scheme[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return schemes.some((scheme) => protocol === `${scheme}s:` || (protocol === `${scheme}:` && isLoopback(hostname)));
}

/** Paths are put at the end of it, and it is told in logs and to carriers. */
function isBare(text: string): boolean {
  const { username, password } = new URL(text);
  return !/[?#]/.test(text) && username === '' && password === '';
}

function url(...schemes: readonly Scheme[]) {
  const secure = schemes.map((scheme) => `${scheme}s://`).join(' or ');
  return z
    .string()
    .refine((text) => isSafe(text, schemes), {
      error: `must be a URL that starts with ${secure} (unencrypted only on this machine)`,
      abort: true,
    })
    .refine(isBare, 'must be an address alone: without a query (?), a fragment (#) or a user name')
    .transform((text) => text.replace(/\/+$/, ''));
}
/** The portal shows some addresses with the path of one API in them: what is put behind them brings its own. */
const aiUrl = (...schemes: readonly Scheme[]) =>
  url(...schemes).transform((text) =>
    text.replace(/\/(openai|voice-live|models|stt|tts|speech|cognitiveservices|sts|api\/projects)(\/.*)?$/i, ''),
  );
const httpUrl = url('http');
/** What is put behind these names itself the whole path. */
const originUrl = httpUrl.transform((text) => new URL(text).origin);
const wsUrl = url('ws');
const phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number in E.164 form, like +15550100');
const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const count = z.coerce.number().int().positive();
const port = z.coerce.number().int().min(0).max(65535);

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** Separated by commas; none by default. `write`: how they are compared. */
function listOf(item: z.ZodType<string, string>, write = (text: string) => text) {
  return z
    .string()
    .default('')
    .transform((text) => splitList(write(text)))
    .pipe(z.array(item));
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && isSafe(text, ['http']);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}

const schema = z.object({
  PUBLIC_URL: httpUrl.optional(),
  BRIDGE_URL: wsUrl.optional(),
  FUNCTIONS_PORT: port.default(7071),
  PORT: port.default(8080),
  HOST: z.string().default('127.0.0.1'),
  API_KEY: z.string().min(16, 'must have at least 16 characters').optional(),

  /** Origins of other consoles and clients in browsers, comma-separated, for example https://console.example. */
  CORS_ORIGINS: listOf(
    z.string().refine(isOrigin, 'must be origins like https://console.example, without a path, separated by commas'),
  ),
  /** Set by App Service where it signs people in: only then is what it says of them believed. */
  WEBSITE_AUTH_ENABLED: z
    .string()
    .optional()
    .transform((text) => text?.toLowerCase() === 'true'),

  /** Asks for the number of live calls, and for nothing else: whoever scales the bridges has it. */
  SCALE_KEY: z.string().min(16, 'must have at least 16 characters').optional(),

  ACS_CONNECTION_STRING: z
    .string()
    .regex(/^endpoint=.+;accesskey=.+$/i, { error: 'must look like endpoint=https://…;accesskey=…', abort: true })
    .refine((text) => isSafe(/^endpoint=([^;]+)/i.exec(text)?.[1] ?? '', ['http']), {
      error: 'must have an endpoint that starts with https:// (unencrypted only on this machine)',
      abort: true,
    })
    .refine(
      (text) => isBare(/^endpoint=([^;]+)/i.exec(text)![1]!),
      'must have an endpoint without a query (?), a fragment (#) or a user name',
    )
    .optional(),
  ACS_ENDPOINT: originUrl.optional(),
  ACS_PHONE_NUMBER: phone.optional(),
  ACS_RESOURCE_ID: z.guid('must be the immutable resource id, a GUID').optional(),
  ACS_OPENID_URL: httpUrl.optional(),
  ACS_AUDIO_FORMAT: z.enum(['pcm16k', 'pcm24k']).default('pcm16k'),

  /** The Teams resource account that ACS calls in the name of, and whose calls are ours. */
  TEAMS_RESOURCE_ACCOUNT: z.guid('must be the object id of a Teams resource account, a GUID').optional(),

  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hex digits')
    .optional(),
  TWILIO_AUTH_TOKEN: z.string().optional(),
  TWILIO_PHONE_NUMBER: phone.optional(),
  TWILIO_API_URL: httpUrl.optional(),

  VOICE_MODEL: z.enum(voiceModelKinds).optional(),
  /** Comes before what an agent's file says. */
  TURN_TAKING: z.enum(turnDeciders).optional(),
  AZURE_OPENAI_ENDPOINT: aiUrl('http').optional(),
  AZURE_OPENAI_API_KEY: z.string().optional(),
  AZURE_OPENAI_REALTIME_DEPLOYMENT: z.string().default('gpt-realtime-1.5'),
  AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT: z.string().default('gpt-4o-mini-transcribe'),
  AZURE_OPENAI_CHAT_DEPLOYMENT: z.string().default('gpt-5.4-mini'),
  /** Without it: by the deployment's name. */
  AZURE_OPENAI_CHAT_REASONING_EFFORT: z.enum(['none', 'minimal', 'low', 'medium', 'high']).optional(),
  AZURE_VOICE_LIVE_ENDPOINT: aiUrl('http').optional(),
  AZURE_VOICE_LIVE_API_KEY: z.string().optional(),
  VOICE_LIVE_MODEL: z.string().default('gpt-realtime-1.5'),
  /** New connections of one resource; those that have fewer say so. */
  VOICE_LIVE_CONNECTIONS_PER_MINUTE: count.default(100),
  AZURE_SPEECH_ENDPOINT: aiUrl('http', 'ws').optional(),
  AZURE_SPEECH_KEY: z.string().optional(),

  AZURE_SEARCH_ENDPOINT: originUrl.optional(),
  AZURE_SEARCH_KEY: z.string().optional(),
  AZURE_SEARCH_INDEX: z.string().default('jobs'),
  AZURE_SEARCH_VECTOR_FIELD: z.string().default('content_vector'),
  AZURE_MAPS_ENDPOINT: originUrl.default('https://atlas.microsoft.com'),
  AZURE_MAPS_KEY: z.string().optional(),
  /** Of the account, where managed identity signs in. */
  AZURE_MAPS_CLIENT_ID: z.guid('must be the client id of the Azure Maps account, a GUID').optional(),

  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, { error: 'must start with redis:// or rediss://', abort: true })
    .refine((text) => URL.canParse(text), 'must be a URL: special characters of a password are written as %40')
    .optional(),
  /** Several servers behind this address, each with a part of the keys. */
  REDIS_CLUSTER: flag.default(false),
  COSMOS_ENDPOINT: originUrl.optional(),
  COSMOS_KEY: z.string().optional(),
  COSMOS_DATABASE: z.string().default('parley'),
  DATA_FOLDER: z.string().default('.data'),

  /** Of an Event Grid custom topic: told when a call has ended. Without it the functions see to it by themselves. */
  EVENT_TOPIC_ENDPOINT: httpUrl.optional(),
  EVENT_TOPIC_KEY: z.string().optional(),
  /** Makes of a caller's number the name that they are remembered by. Without it: made of MEDIA_TOKEN_SECRET. */
  CALLER_ID_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** A container of Azure Blob Storage. Without it recordings are kept in DATA_FOLDER. */
  RECORDINGS_URL: httpUrl.optional(),
  RECORDINGS_KEY: z.string().optional(),
  /** The container in which Event Grid puts aside what nobody took. Without it a recording that nobody told of stays at ACS. */
  DEAD_LETTERS_URL: httpUrl.optional(),
  DEAD_LETTERS_KEY: z.string().optional(),
  /** After so many days nothing is left of a call. At Cosmos DB in Azure, infra/ says the same. */
  HISTORY_DAYS: count.default(90),

  AGENTS_FOLDER: z.string().default('agents'),
  DEFAULT_AGENT: z.string().default('receptionist'),
  /** Which agent answers on which of our numbers, for example +15550100=receptionist,+15550101=screening. */
  AGENT_NUMBERS: z
    .string()
    .default('')
    .transform((text, context) => {
      const routes = splitList(text).map((route) => /^([^=\s]+)\s*=\s*([a-z0-9-]{1,64})$/.exec(route));
      const numbers = routes.map((route) => route?.[1]);
      if (routes.includes(null)) context.addIssue('must be like +15550100=receptionist,+15550101=screening');
      else if (new Set(numbers).size < numbers.length) context.addIssue('names a number twice');
      return Object.fromEntries(routes.flatMap((route) => (route ? [[route[1]!, route[2]!]] : [])));
    }),
  /** Hosts that tools and MCP servers in agents' files may be on, with the port where it is not the usual one. */
  AGENT_ALLOWED_HOSTS: listOf(
    z
      .string()
      .regex(/^[a-z0-9.-]+(:\d+)?$|^\[::1\](:\d+)?$/, 'must be hosts like api.contoso.example, separated by commas'),
    (text) => text.toLowerCase(),
  ),
  /** Files of agents that change serve new calls at once. */
  AGENTS_RELOAD: flag.default(false),
  SYSTEM_PROMPT: z.string().optional(),
  MEDIA_TOKEN_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  /** Comma-separated, for example +1,+4420. Without these and without regions nobody is dialled. */
  DIAL_ALLOWED_PREFIXES: listOf(
    z.string().regex(/^\+[1-9]\d{0,14}$/, 'must be prefixes like +1 or +4420, separated by commas'),
  ),
  /** Comma-separated countries of ISO 3166, for example GB,JE. They count beside the prefixes. */
  DIAL_ALLOWED_REGIONS: listOf(
    z.string().regex(/^[A-Z]{2}$/, 'must be countries of two letters like GB or US, separated by commas'),
    (text) => text.toUpperCase(),
  ),
  /** Comma-separated: identifiers of Teams and ACS that may be called, or kinds of them like 8:orgid:*. Others are not. */
  DIAL_ALLOWED_IDENTIFIERS: listOf(
    z
      .string()
      .regex(
        /^(8|28):[a-z-]+:(\*|[0-9a-f-]{36}(_[0-9a-f-]{36}){0,2})$/,
        'must be identifiers like 8:orgid:<guid> or 28:orgid:<guid>, or kinds like 8:orgid:*, separated by commas',
      ),
    (text) => text.toLowerCase(),
  ),
  DIAL_MAX_PER_NUMBER_PER_DAY: count.default(3),
  DIAL_MAX_PER_HOUR: count.default(60),
  DIAL_MAX_PARALLEL: count.default(10),
  /** Hours of the callee's clock in which nobody is dialled, for example 21-8; `none` for no such hours. */
  DIAL_QUIET_HOURS: z
    .string()
    .default('21-8')
    .transform((text, context) => {
      if (text === 'none') return undefined;
      const [from, to] = (/^(\d{1,2})-(\d{1,2})$/.exec(text) ?? []).slice(1).map(Number);
      if (from !== undefined && to !== undefined && from < 24 && to < 24 && from !== to) return { from, to };
      context.addIssue('must be two hours like 21-8, or none');
      return z.NEVER;
    }),
  /** Where in a country of several time zones the callees live, for example America/New_York. None: anywhere in it. */
  DIAL_TIME_ZONES: listOf(
    z.string().refine(isTimeZone, 'must be IANA names like America/New_York, separated by commas'),
  ),
  MAX_CALLS: count.default(50),
  /** What callers hear for whom no bridge has room: `say`, that all lines are busy; `busy`, the busy signal, and nobody answers. */
  WHEN_FULL: z.enum(['say', 'busy']).default('say'),
  DRAIN_SECONDS: z.coerce.number().min(0).default(570),
  /** Where telemetry goes; without it there is none. */
  APPLICATIONINSIGHTS_CONNECTION_STRING: z
    .string()
    .regex(
      /(^|;)InstrumentationKey=[0-9a-f-]{36}(;|$)/i,
      'must look like InstrumentationKey=…;IngestionEndpoint=https://…',
    )
    .optional(),
  /** As Azure's host reads it: telemetry is let in by our identity, and not by the key in the connection string. */
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z
    .string()
    .regex(/(^|;)Authorization=AAD(;|$)/i, 'must hold Authorization=AAD')
    .optional(),
  LOG_LEVEL: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']))
    .default('info'),
  LOG_PII: flag.default(false),
});

type Settings = Readonly<z.output<typeof schema>>;
export type SettingName = keyof Settings;
export type Config = Settings & {
  /** Of other samples' names: to be told at start. */
  readonly foreign: readonly ForeignSetting[];
  readonly isOnAzure: boolean;
  /** What agents' files name by `AGENT_SECRET_…`, by the whole name. */
  readonly agentSecrets: Readonly<Record<string, string>>;
};
/** Every setting there is. */
export const settingNames = Object.freeze(Object.keys(schema.shape)) as readonly SettingName[];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `besides`: what counts where the environment says nothing. Throws BAD_SETTING, naming every setting that is wrong. An empty
 * setting counts as absent, as the portal leaves them.
 */
export function readConfig(environment: Environment = process.env, besides: Environment = {}): Config {
  const given = { ...dropEmpty(besides), ...dropEmpty(environment) };
  refuseUnresolved(given);
  const { settings, foreign } = translateSettings(given);
  const parsed = schema.safeParse(settings);
  const sign = findSignOfAzure(given);
  if (parsed.success) {
    const config = Object.freeze({
      ...parsed.data,
      foreign,
      isOnAzure: sign !== undefined,
      agentSecrets: readAgentSecrets(given),
    });
    return requireShared(requireTogether(config), sign);
  }
  const wrong = parsed.error.issues.map(({ path, message }) => `${describeName(path.join('.'), foreign)} ${message}`);
  throw new AppError('BAD_SETTING', `Settings are wrong: ${wrong.join('; ')}`);
}

function dropEmpty(settings: Environment): Environment {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== ''));
}

/** What App Service could not read in the vault it passes on as it stands: anybody could write such a key down. */
function refuseUnresolved(given: Environment): void {
  const names = Object.keys(given).filter((name) => given[name]?.startsWith('@Microsoft.KeyVault('));
  if (names.length > 0)
    throw new AppError(
      'BAD_SETTING',
      `Settings are wrong: the vault gives nothing for ${names.join(', ')}: is there such a secret, and may our identity read it (Key Vault Secrets User)?`,
    );
}

/** Flex Consumption has no WEBSITE_INSTANCE_ID, which App Service has. Core Tools pretend to be some of it. */
const signsOfAzure = ['WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME', 'WEBSITE_POD_NAME', 'CONTAINER_APP_NAME'];

function findSignOfAzure(environment: Environment): string | undefined {
  if (environment.FUNCTIONS_CORETOOLS_ENVIRONMENT !== undefined) return undefined;
  return signsOfAzure.find((name) => environment[name] !== undefined);
}

function readAgentSecrets(given: Record<string, string | undefined>): Readonly<Record<string, string>> {
  const named = Object.entries(given).filter(([name]) => name.startsWith('AGENT_SECRET_'));
  return Object.freeze(Object.fromEntries(named) as Record<string, string>);
}

/** With the name that the operator knows. */
function describeName(name: string, foreign: readonly ForeignSetting[]): string {
  const given = foreign.find(({ ours, isTaken }) => isTaken && ours === name);
  return given ? `${name} (given as ${given.name})` : name;
}

/** On Azure there are several of us, on disks that go with them: what each keeps to itself is lost to the others, and soon to all. */
function requireShared(config: Config, sign: string | undefined): Config {
  if (sign !== undefined) requireSettings(config, `Azure, where ${sign} says we are`, ['REDIS_URL', 'COSMOS_ENDPOINT']);
  return config;
}

/** What is half set up would be left out in silence. */
function requireTogether(config: Config): Config {
  if (config.TWILIO_ACCOUNT_SID !== undefined) requireSettings(config, 'TWILIO_ACCOUNT_SID', ['TWILIO_AUTH_TOKEN']);
  const acs = findAcsEndpoint(config);
  // Without it a token that ACS made for anybody's resource would be taken for one of ours.
  if (acs !== undefined && !isLoopback(new URL(acs).hostname))
    requireSettings(config, 'an ACS resource outside this machine', ['ACS_RESOURCE_ID']);
  return config;
}

/** All numbers that calls to us come in on, and that we call from. */
export function listOwnNumbers(
  config: Pick<Config, 'ACS_PHONE_NUMBER' | 'TWILIO_PHONE_NUMBER' | 'AGENT_NUMBERS'>,
): ReadonlySet<string> {
  const { ACS_PHONE_NUMBER, TWILIO_PHONE_NUMBER, AGENT_NUMBERS } = config;
  const numbers = [ACS_PHONE_NUMBER, TWILIO_PHONE_NUMBER, ...Object.keys(AGENT_NUMBERS)];
  return new Set(numbers.filter((number) => number !== undefined));
}

/** Without a slash at its end. */
export function findAcsEndpoint(config: Config): string | undefined {
  const named = /endpoint=([^;]+)/i.exec(config.ACS_CONNECTION_STRING ?? '')?.[1];
  return (named ?? config.ACS_ENDPOINT)?.replace(/\/+$/, '');
}

type Present<Name extends SettingName> = Config & { readonly [Key in Name]: NonNullable<Config[Key]> };

/** For what one part needs and another does not: throws BAD_SETTING, naming every one that is missing and what wants it. */
export function requireSettings<Name extends SettingName>(
  config: Config,
  wantedBy: string,
  names: readonly Name[],
): Present<Name> {
  const missing = findMissing(config, names);
  if (missing.length > 0)
    throw new AppError('BAD_SETTING', `Missing settings: ${missing.join(', ')} (wanted by ${wantedBy})`);
  return config as Present<Name>;
}

export function findMissing<Name extends SettingName>(config: Config, names: readonly Name[]): readonly Name[] {
  return names.filter((name) => config[name] === undefined);
}
