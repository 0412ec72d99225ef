// Azure Maps over REST: where a place is, and how long the way between two takes. Microsoft's own library for it is a preview.
import { z } from 'zod';
import type { AzureCredential } from '../../azure-credential.ts';
import { AppError } from '../../errors.ts';
import { pause } from '../../within.ts';

const version = '2025-01-01';
const scope = 'https://atlas.microsoft.com/.default';
/** A caller waits: once more, soon. */
const tries = 2;
const retryAfterMs = 300;
const maxAnswerBytes = 1_000_000;

const geocodeSchema = z.object({
  features: z.array(
    z.object({
      geometry: z.object({ coordinates: z.tuple([z.number(), z.number()]) }),
      properties: z.object({
        address: z.object({ formattedAddress: z.string().optional() }).optional(),
        confidence: z.string().optional(),
      }),
    }),
  ),
});
const routeSchema = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        type: z.string().optional(),
        distanceInMeters: z.number().optional(),
        durationInSeconds: z.number().optional(),
        durationTrafficInSeconds: z.number().optional(),
      }),
    }),
  ),
});

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
  readonly address: string;
  /** Several places may be meant, or only a part of what was said was found. */
  readonly isUnsure: boolean;
}

export interface Route {
  readonly distanceMetres: number;
  readonly durationSeconds: number;
  /** At this hour; the same where traffic does not count. */
  readonly trafficSeconds: number;
}

export type TravelMode = 'driving' | 'walking';

export interface MapsClientOptions {
  readonly endpoint: string;
  /** Undefined: managed identity, for the account of `clientId`. */
  readonly key: string | undefined;
  readonly clientId: string | undefined;
  readonly credential: () => AzureCredential;
}

/** Each method throws TOOL_FAILED. */
export class MapsClient {
  readonly #options: MapsClientOptions;
  #getToken: (() => Promise<string>) | undefined;

  constructor(options: MapsClientOptions) {
    this.#options = options;
  }

  /** Undefined where there is no such place. */
  async geocode(query: string, country: string | undefined, signal: AbortSignal): Promise<Place | undefined> {
    const asked = new URLSearchParams({
      'api-version': version,
      query: country ? `${query}, ${country}` : query,
      top: '1',
    });
    const { features } = await this.#ask('geocode', `/geocode?${asked}`, geocodeSchema, { signal });
    const [found] = features;
    if (!found) return undefined;
    const [longitude, latitude] = found.geometry.coordinates;
    const { address, confidence } = found.properties;
    return {
      longitude,
      latitude,
      address: address?.formattedAddress ?? query,
      isUnsure: confidence !== undefined && confidence !== 'High',
    };
  }

  /** Undefined where there is no way. */
  async route(from: Place, to: Place, travelMode: TravelMode, signal: AbortSignal): Promise<Route | undefined> {
    const body = {
      type: 'FeatureCollection',
      features: [from, to].map(({ longitude, latitude }, pointIndex) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [longitude, latitude] },
        properties: { pointIndex, pointType: 'waypoint' },
      })),
      travelMode,
      ...(travelMode === 'driving' && { optimizeRoute: 'fastestWithTraffic' }),
      routeOutputOptions: ['routePath'],
    };
    const path = `/route/directions?${new URLSearchParams({ 'api-version': version })}`;
    const { features } = await this.#ask('route', path, routeSchema, { signal, body });
    const whole = features.find(({ properties }) => properties.durationInSeconds !== undefined)?.properties;
    if (whole?.durationInSeconds === undefined) return undefined;
    return {
      distanceMetres: whole.distanceInMeters ?? 0,
      durationSeconds: whole.durationInSeconds,
      trafficSeconds: whole.durationTrafficInSeconds ?? whole.durationInSeconds,
    };
  }

  async #ask<Schema extends z.ZodType>(
    what: string,
    path: string,
    schema: Schema,
    { signal, body }: { readonly signal: AbortSignal; readonly body?: object },
  ): Promise<z.output<Schema>> {
    for (let left = tries; ; left -= 1) {
      const answer = await this.#fetch(path, signal, body).catch((error: unknown) => {
        if (signal.aborted) throw error;
        return { status: 0, text: '', cause: error };
      });
      if (answer.status === 200) {
        const parsed = schema.safeParse(readJson(answer.text));
        if (parsed.success) return parsed.data;
      }
      const isBusy = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!isBusy || left === 1)
        throw new AppError('TOOL_FAILED', `Azure Maps does not answer (${what}: ${answer.status || 'no connection'})`, {
          cause: 'cause' in answer ? answer.cause : undefined,
        });
      await pause(retryAfterMs, signal);
    }
  }

  async #fetch(path: string, signal: AbortSignal, body: object | undefined): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.#options.endpoint}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { ...(await this.#authorize()), ...(body && { 'content-type': 'application/geo+json' }) },
      redirect: 'error',
      signal,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text: text.length > maxAnswerBytes ? '' : text };
  }

  async #authorize(): Promise<Record<string, string>> {
    const { key, clientId, credential } = this.#options;
    if (key !== undefined) return { 'subscription-key': key };
    this.#getToken ??= credential().createTokenProvider(scope);
    return { authorization: `Bearer ${await this.#getToken()}`, 'x-ms-client-id': clientId ?? '' };
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
