// A stand-in for Azure Maps: a few towns, the straight line between them, and refusals of what the service refuses.
import { z } from 'zod';
import {
  type JsonReply,
  type JsonRequest,
  type JsonService,
  readJson,
  startJsonService,
} from '../rest/json-service.ts';

const version = '2025-01-01';

interface Town {
  readonly names: readonly string[];
  readonly address: string;
  readonly coordinates: readonly [number, number];
}

const towns: readonly Town[] = [
  { names: ['bellevue'], address: 'Bellevue, Washington, United States', coordinates: [-122.2015, 47.6101] },
  { names: ['seattle'], address: 'Seattle, Washington, United States', coordinates: [-122.3321, 47.6062] },
  { names: ['redmond'], address: 'Redmond, Washington, United States', coordinates: [-122.1215, 47.674] },
  { names: ['tacoma'], address: 'Tacoma, Washington, United States', coordinates: [-122.4443, 47.2529] },
  { names: ['springfield'], address: 'Springfield, Illinois, United States', coordinates: [-89.6501, 39.7817] },
];
/** Roads are longer than the way of a bird. */
const detour = 1.3;
const metresPerSecond = { driving: 15, walking: 1.4 };
const trafficFactor = 1.25;

const point = z.object({
  type: z.literal('Feature'),
  geometry: z.strictObject({
    type: z.literal('Point'),
    coordinates: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
  }),
  properties: z.strictObject({ pointIndex: z.int(), pointType: z.enum(['waypoint', 'viaWaypoint']) }),
});
const routeBody = z.strictObject({
  type: z.literal('FeatureCollection'),
  features: z.array(point).min(2).max(150),
  travelMode: z.enum(['driving', 'truck', 'walking']).default('driving'),
  optimizeRoute: z
    .enum(['short', 'fastestAvoidClosureWithoutTraffic', 'fastestWithoutTraffic', 'fastestWithTraffic'])
    .optional(),
  routeOutputOptions: z.array(z.enum(['itinerary', 'routePath'])).optional(),
});

export type MapsService = JsonService;

export function startMaps({ key, port }: { readonly key: string; readonly port?: number }): Promise<MapsService> {
  return startJsonService({
    port,
    nameOf: ({ path }) => (path === '/geocode' ? 'geocode' : 'route'),
    answer: (request) => answer(request, key),
    fail: (status, code) => refuse(status, code, 'told to fail'),
  });
}

function answer(request: JsonRequest, key: string): JsonReply {
  const { method, path, query, headers } = request;
  if (headers['subscription-key'] !== key) return refuse(401, 'Unauthorized', 'The key is missing or wrong.');
  if (query.get('api-version') !== version) return refuse(400, 'BadRequest', 'api-version is invalid.');
  if (path === '/geocode' && method === 'GET') return geocode(query);
  if (path === '/route/directions' && method === 'POST') {
    if (headers['content-type'] !== 'application/geo+json')
      return refuse(415, 'UnsupportedMediaType', 'must be application/geo+json');
    return route(request.body);
  }
  return refuse(404, 'NotFound', 'There is no such resource.');
}

function geocode(query: URLSearchParams): JsonReply {
  const asked = query.get('query');
  if (!asked) return refuse(400, 'BadRequest', 'query is required.');
  const words = asked.toLowerCase();
  const found = towns.filter(({ names }) => names.some((name) => words.includes(name)));
  const features = found.slice(0, Number(query.get('top') ?? 5)).map(({ address, coordinates, names }) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates },
    bbox: [...coordinates, ...coordinates],
    properties: {
      type: 'PopulatedPlace',
      // Without its state a town may be several.
      confidence: names.includes(words.trim()) ? 'Medium' : 'High',
      matchCodes: ['Good'],
      address: { formattedAddress: address, countryRegion: { name: 'United States', ISO: 'US' } },
      geocodePoints: [
        { geometry: { type: 'Point', coordinates }, calculationMethod: 'Rooftop', usageTypes: ['Display'] },
      ],
    },
  }));
  return { status: 200, body: { type: 'FeatureCollection', features } };
}

function route(text: string): JsonReply {
  const parsed = routeBody.safeParse(readJson(text));
  if (!parsed.success) return refuse(400, 'BadRequest', z.prettifyError(parsed.error));
  const { features, travelMode } = parsed.data;
  if (travelMode === 'truck') return refuse(400, 'BadRequest', 'vehicleSpec is required.');
  const [from, to] = [features[0]!.geometry.coordinates, features.at(-1)!.geometry.coordinates];
  const distanceInMeters = Math.round(measure(from, to) * detour);
  const durationInSeconds = Math.round(distanceInMeters / metresPerSecond[travelMode]);
  const properties = {
    type: 'RoutePath',
    distanceInMeters,
    durationInSeconds,
    durationTrafficInSeconds: Math.round(durationInSeconds * (travelMode === 'driving' ? trafficFactor : 1)),
    legs: [],
  };
  const geometry = { type: 'MultiLineString', coordinates: [[from, to]] };
  return { status: 200, body: { type: 'FeatureCollection', features: [{ type: 'Feature', geometry, properties }] } };
}

/** Along a great circle, in metres. */
function measure([lonA, latA]: readonly number[], [lonB, latB]: readonly number[]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [a, b] = [radians(latA!), radians(latB!)];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(lonB! - lonA!) / 2) ** 2;
  return 2 * 6_371_000 * Math.asin(Math.sqrt(half));
}

function refuse(status: number, code: string, message: string): JsonReply {
  return { status, headers: { 'x-ms-error-code': code }, body: { error: { code, message } } };
}
