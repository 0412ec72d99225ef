// What carriers do on a bad day: their API, what they tell of calls, and the sockets over which the sound of calls goes.
import { phoneCarriers } from '../../shared/call/call.ts';
import type { RequestFault } from '../rest/request-faults.ts';
import type { SeededRandom } from '../virtual-time/seeded-random.ts';
import { type ChaosWorld, type Faults, type Strike, turn } from './fault.ts';

type CarrierName = (typeof phoneCarriers)[number];

const [oneWayMs, jitterMs] = [80, 60];

const answers: Readonly<Record<string, Omit<RequestFault, 'times'>>> = {
  'answers 400': { instead: { status: 400 } },
  'answers 500': { instead: { status: 500 } },
  'answers 429': { instead: { status: 429, retryAfterSeconds: 1 } },
  'answers nothing': { instead: 'silence' },
  'answers late': { lateMs: 4_000 },
  'loses its answers': { instead: 'cut', carriedOut: true },
};

function misanswer(carrier: CarrierName, fault: Omit<RequestFault, 'times'>): Strike {
  return ({ standIns }, random) => {
    // A few requests, or all of them while it lasts.
    const times = random.chance(0.5) ? random.integer(1, 4) : Number.POSITIVE_INFINITY;
    return { takesAway: 'carrier', undo: standIns[carrier].faults.rest.add({ ...fault, times }) };
  };
}

const deliveries = {
  lost: (random: SeededRandom) => ({ drop: () => random.chance(0.3) }),
  doubled: () => ({ duplicate: true }),
  reordered: () => ({ reorder: true }),
  delayed: () => ({ delayMs: 3_000 }),
};

function misdeliver(carrier: CarrierName, kind: keyof typeof deliveries): Strike {
  return ({ standIns }, random) => {
    const { acs, twilio } = standIns;
    return turn(carrier === 'acs' ? acs.faults.callbacks : twilio.faults.webhooks, deliveries[kind](random));
  };
}

const sockets = ['dropMedia', 'deadenMedia', 'stallMedia'] as const;

/** Of one of the calls that are there. */
function breakSocket(how: (typeof sockets)[number]): Strike {
  return (world, random) => {
    const calls = findCalls(world);
    if (calls.length === 0) return {};
    const { number, ...call } = random.pick(calls);
    const stallMs = random.integer(300, 3_000);
    if ('page' in call) call.page.drop();
    else if (how === 'stallMedia') call.call.stallMedia(stallMs);
    else call.call[how]();
    return { takesLineOf: { number } };
  };
}

function findCalls({ standIns: { acs, twilio }, pages }: ChaosWorld) {
  return [
    ...[...pages].filter(([, { isOver }]) => !isOver).map(([number, page]) => ({ page, number })),
    ...acs.calls.filter(({ end }) => !end).map((call) => ({ call, number: call.number })),
    ...twilio.calls
      .filter(({ isLive }) => isLive)
      .map((call) => ({ call, number: call.options.direction === 'inbound' ? call.options.from : call.options.to })),
  ];
}

export const carrierFaults: Faults = {
  ...Object.fromEntries(
    phoneCarriers.flatMap((carrier) => [
      ...Object.entries(answers).map(([what, fault]) => [`${carrier} ${what}`, misanswer(carrier, fault)] as const),
      ...(Object.keys(deliveries) as (keyof typeof deliveries)[]).map(
        (kind) => [`events of ${carrier} ${kind}`, misdeliver(carrier, kind)] as const,
      ),
      [
        `media of ${carrier} slow and uneven`,
        ({ standIns }: ChaosWorld) => ({
          ...turn(standIns[carrier].faults.media, { oneWayMs, jitterMs }),
          delaysMs: oneWayMs + jitterMs,
        }),
      ] as const,
      [
        `media of ${carrier} refused`,
        ({ standIns }: ChaosWorld) => ({
          ...turn(standIns[carrier].faults.media, { refuse: true }),
          takesAway: 'carrier' as const,
        }),
      ] as const,
    ]),
  ),
  'incoming calls announced twice': ({ standIns }) => turn(standIns.acs.eventGrid.faults, { duplicate: true }),
  'incoming calls announced late': ({ standIns }) => turn(standIns.acs.eventGrid.faults, { delayMs: 3_000 }),
  'a media socket dropped': breakSocket('dropMedia'),
  'a media socket dead': breakSocket('deadenMedia'),
  'a media socket stalled': breakSocket('stallMedia'),
};
