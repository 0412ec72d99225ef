// Tool: how far it is from one place to another, and how long the way takes now.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import type { LookUpCache } from './look-up-cache.ts';
import type { MapsClient, Place } from './services/maps-client.ts';
import { defineTool, type Tool } from './tool.ts';

export interface CommuteSource {
  readonly maps: Pick<MapsClient, 'geocode' | 'route'>;
  readonly cache: LookUpCache;
}

const hourMs = 3_600_000;
/** Places stay where they are; what Azure Maps says of them may be kept for a while only. */
const placeTimes = { freshMs: 24 * hourMs, absentMs: hourMs / 6, staleMs: 24 * hourMs };
/** Traffic. */
const routeTimes = { freshMs: hourMs / 6, absentMs: hourMs / 6, staleMs: 12 * hourMs };

const place = (what: string) =>
  z.string().trim().min(2).max(200).describe(`${what}, as an address or a town with its state or country.`);

export function createCommute({ tool_settings }: AgentProfile, { maps, cache }: CommuteSource): Tool {
  const { travel_mode: mode, countries } = tool_settings.commute;
  const [country] = countries.length === 1 ? countries : [];
  const locate = (query: string, signal: AbortSignal) => {
    const load = (signal: AbortSignal) => maps.geocode(query, country, signal);
    return cache.get({ source: 'geocode', parts: [query.toLowerCase(), country], ...placeTimes, load }, signal);
  };
  const travel = (from: Place, to: Place, signal: AbortSignal) => {
    const load = (signal: AbortSignal) => maps.route(from, to, mode, signal);
    const ends = [from, to].map(({ longitude, latitude }) => [longitude, latitude]);
    return cache.get({ source: 'route', parts: [ends, mode], ...routeTimes, load }, signal);
  };
  return defineTool({
    name: 'commute',
    description: `Tells how far it is from one place to another, and how long ${mode} takes at this hour.`,
    input: z.object({ from: place('Where the way begins'), to: place('Where it ends') }),
    async run({ from, to }, { signal }) {
      const [start, end] = await Promise.all([locate(from, signal), locate(to, signal)]);
      if (!start || !end)
        return { found: false, unknown: start ? to : from, advice: 'Ask for the town, with its state or country.' };
      const route = await travel(start, end, signal);
      if (!route) return { found: false, from: start.address, to: end.address, advice: `There is no way by ${mode}.` };
      return {
        from: start.address,
        to: end.address,
        kilometres: Math.round(route.distanceMetres / 100) / 10,
        miles: Math.round(route.distanceMetres / 160.9344) / 10,
        minutes: Math.round(route.trafficSeconds / 60),
        minutes_without_traffic: Math.round(route.durationSeconds / 60),
        ...((start.isUnsure || end.isUnsure) && { advice: 'Read the places back: others may be meant.' }),
      };
    },
  });
}
