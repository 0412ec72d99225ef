// What happened in one call, as its screen tells it: folded from the messages of its feed.
import type { LiveMessage } from '../../shared/call/live-message.ts';

export interface SpokenTurn {
  readonly kind: 'turn';
  readonly key: string;
  readonly role: 'caller' | 'agent';
  /** What was heard of it. */
  readonly text: string;
  /** What the agent went on to say and the caller did not hear. */
  readonly unheard: string;
  readonly isFinal: boolean;
  readonly interrupted: boolean;
  readonly at: number;
  /** Of the agent's: from the caller's last word to its first. */
  readonly latencyMs?: number;
}

export interface Happening {
  readonly kind: 'event';
  readonly key: string;
  readonly event: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly at: number;
}

export interface CallStory {
  readonly entries: readonly (SpokenTurn | Happening)[];
  /** What is being said now, by who says it. */
  readonly partials: Readonly<Partial<Record<'caller' | 'agent', SpokenTurn>>>;
  readonly status: string | undefined;
  readonly reason?: string;
  readonly created?: Readonly<Record<string, unknown>>;
  readonly model?: string;
  readonly startedAt?: number;
  readonly connectedAt?: number;
  readonly endedAt?: number;
}

export const emptyStory: CallStory = { entries: [], partials: {}, status: undefined };

/** Told as what they change, and not as lines of their own. */
const silent = new Set(['reply-timed', 'carrier-accepted', 'call-connected', 'call-ringing', 'agent-pinned']);

export function addToStory(story: CallStory, message: LiveMessage): CallStory {
  const { at } = message;
  const started = { ...story, startedAt: Math.min(story.startedAt ?? at, at) };
  switch (message.type) {
    case 'status': {
      const { status, reason } = message;
      // Nothing leaves the end; why it came may be told once more.
      if (story.status === 'ended' && status !== 'ended') return started;
      const times = {
        ...(status === 'active' && { connectedAt: story.connectedAt ?? at }),
        ...(status === 'ended' && { endedAt: at, partials: {} }),
      };
      return { ...started, status, reason, ...times };
    }
    case 'transcript':
      return addWords(started, message);
    default:
      return addEvent(started, message);
  }
}

function addWords(story: CallStory, message: Extract<LiveMessage, { type: 'transcript' }>): CallStory {
  const { role, text, final, at, unheard = '' } = message;
  const turn: SpokenTurn = {
    kind: 'turn',
    key: `${role}-${at}-${story.entries.length}`,
    role,
    text,
    unheard,
    isFinal: final,
    interrupted: message.interrupted ?? false,
    at,
  };
  if (!final) return { ...story, partials: { ...story.partials, [role]: turn } };
  const partials = { ...story.partials };
  delete partials[role];
  return { ...story, partials, entries: insert(story.entries, turn) };
}

function addEvent(story: CallStory, message: Extract<LiveMessage, { type: 'event' }>): CallStory {
  const { event, details, at } = message;
  if (event === 'reply-timed') {
    const latencyMs = Number(details.latencyMs);
    return {
      ...story,
      entries: insert(story.entries, { kind: 'event', key: `reply-${at}`, event, details: { latencyMs }, at }),
    };
  }
  const next: CallStory = {
    ...story,
    ...(event === 'call-created' && { created: details }),
    ...(event === 'model-opened' && { model: String(details.model) }),
    // What was being written down of it is no turn.
    ...(event === 'backchannel' && { partials: withoutCaller(story.partials) }),
    ...(event === 'media-started' && { connectedAt: story.connectedAt ?? at }),
    ...(event === 'media-started' &&
      story.status !== 'ended' && { status: story.status === 'transferring' ? 'transferring' : 'active' }),
  };
  if (silent.has(event)) return next;
  return {
    ...next,
    entries: insert(next.entries, { kind: 'event', key: `${event}-${at}-${next.entries.length}`, event, details, at }),
  };
}

function withoutCaller({ caller: _caller, ...others }: CallStory['partials']): CallStory['partials'] {
  return others;
}

/** In the order in which it happened, however late it is told. */
function insert(entries: CallStory['entries'], entry: SpokenTurn | Happening): CallStory['entries'] {
  const place = entries.findLastIndex(({ at }) => at <= entry.at) + 1;
  return entries.toSpliced(place, 0, entry);
}
