// The guard of every path that dials or transfers: which numbers may be rung, how often and at what hour.
import { randomUUID } from 'node:crypto';
import { type Config, listOwnNumbers } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { DialClaim, DialCounts, DialOrder } from '../stores/dial-counts.ts';
import { type CapSettings, createDialRules, createTransferRules, type DialRule, hashNumber } from './dial-caps.ts';
import { DialPermit } from './dial-permit.ts';
import { freeEndedPlaces, placesCapName } from './dial-places.ts';
import { checkRegions, findForbiddingRule } from './dial-regions.ts';
import { type DialTarget, isAllowedIdentifier, parseDialTarget } from './dial-target.ts';
import { type PhoneNumber, parsePhoneNumber } from './phone-number.ts';
import { isQuietInCountry } from './quiet-hours.ts';

/** From the permit to the dialling is one write of the call's first event. */
const claimTtlMs = 10_000;

export interface DialIntent {
  /** As a client gave it. */
  readonly to: unknown;
  /** The id of the call: the same for each try of one order, which is dialled once. */
  readonly orderId: string;
  readonly at?: Date;
}

export type DialDecision =
  | { readonly type: 'permitted'; readonly permit: DialPermit }
  /** Another try has this order: about to dial, or has dialled. */
  | { readonly type: 'taken'; readonly number: string; readonly isDialled: boolean };

type DialSettings = CapSettings &
  Pick<
    Config,
    | 'DIAL_ALLOWED_PREFIXES'
    | 'DIAL_ALLOWED_REGIONS'
    | 'DIAL_ALLOWED_IDENTIFIERS'
    | 'DIAL_QUIET_HOURS'
    | 'DIAL_TIME_ZONES'
    | 'ACS_PHONE_NUMBER'
    | 'TWILIO_PHONE_NUMBER'
    | 'AGENT_NUMBERS'
  >;

export interface DialGuardOptions {
  readonly settings: DialSettings;
  readonly counts: DialCounts;
  readonly log: Logger;
  /** Whether the call of this order is over: then its place is another's. */
  readonly isOver: (orderId: string) => Promise<boolean>;
}

export class DialGuard {
  readonly #settings: DialSettings;
  readonly #counts: DialCounts;
  readonly #log: Logger;
  readonly #isOver: (orderId: string) => Promise<boolean>;

  /** Throws BAD_SETTING. */
  constructor({ settings, counts, log, isOver }: DialGuardOptions) {
    checkRegions(settings.DIAL_ALLOWED_REGIONS);
    this.#settings = settings;
    this.#counts = counts;
    this.#log = log;
    this.#isOver = isOver;
  }

  /**
   * Throws BAD_NUMBER, DIAL_NOT_ALLOWED, DIAL_CAP_REACHED, BAD_REQUEST for an order that was for another number, and
   * STORE_UNAVAILABLE when it cannot count: then nobody is dialled. Who is refused has used up nothing.
   */
  async decide({ to, orderId, at = new Date() }: DialIntent): Promise<DialDecision> {
    return this.#telling('dial', to, async () => {
      const target = parseDialTarget(to);
      this.#checkPlace(target);
      // Whoever has an identifier was named by the operator, and lives we do not know where.
      if (target.kind === 'phone') this.#checkHour(target.phone, at);
      const hash = hashNumber(target.name);
      return this.#claim(target.name, { orderId, target: hash, rules: createDialRules(this.#settings, hash) });
    });
  }

  /** To the phone of a target that the agent's author named, so the hour of the day does not count. Throws like `decide`. */
  async permitTransfer(to: unknown): Promise<DialPermit> {
    const permit = await this.permitConsultation(to, randomUUID());
    await permit.confirm();
    return permit;
  }

  /** The same for a call of its own to that target, which is confirmed when it is dialled. */
  async permitConsultation(to: unknown, orderId: string): Promise<DialPermit> {
    return this.#telling('transfer', to, async () => {
      const phone = parsePhoneNumber(to);
      this.#checkPhone(phone);
      const { number } = phone;
      const rules = createTransferRules(this.#settings);
      const decision = await this.#claim(number, { orderId, target: hashNumber(number), rules });
      if (decision.type === 'taken') throw new Error('a new order cannot be taken');
      return decision.permit;
    });
  }

  #checkPlace(target: DialTarget): void {
    if (target.kind === 'phone') this.#checkPhone(target.phone);
    else
      refuseIf(
        !isAllowedIdentifier(target.name, this.#settings.DIAL_ALLOWED_IDENTIFIERS),
        'DIAL_ALLOWED_IDENTIFIERS does not name this identifier',
      );
  }

  #checkPhone(phone: PhoneNumber): void {
    const { DIAL_ALLOWED_PREFIXES: prefixes, DIAL_ALLOWED_REGIONS: regions } = this.#settings;
    const { number, kind } = phone;
    const forbidding = findForbiddingRule(phone, { prefixes, regions });
    if (forbidding !== undefined) throw new AppError('DIAL_NOT_ALLOWED', forbidding);
    refuseIf(kind === 'costly', 'premium-rate, shared-cost, satellite and other costly numbers are never dialled');
    refuseIf(listOwnNumbers(this.#settings).has(number), 'this is our own number');
  }

  #checkHour({ country, kind }: PhoneNumber, at: Date): void {
    const { DIAL_QUIET_HOURS: quiet, DIAL_TIME_ZONES: zones } = this.#settings;
    // A fictional number wakes nobody.
    if (!quiet || kind === 'fictional') return;
    refuseIf(
      isQuietInCountry(country, quiet, zones, at),
      `it is between ${quiet.from}:00 and ${quiet.to}:00 (DIAL_QUIET_HOURS) where the callee may be`,
    );
  }

  async #claim(
    number: string,
    { orderId: id, target, rules }: { orderId: string; target: string; rules: readonly DialRule[] },
  ): Promise<DialDecision> {
    const order: DialOrder = { id, target, token: randomUUID(), caps: rules.map(({ cap }) => cap) };
    let claim = await this.#tryToClaim(order);
    if (claim.type === 'over-cap' && claim.cap === placesCapName) {
      await freeEndedPlaces(this.#counts, this.#isOver);
      claim = await this.#tryToClaim(order);
    }
    switch (claim.type) {
      case 'claimed': {
        const { isFirst } = claim;
        const permit = new DialPermit({ number, isFirst, order, counts: this.#counts, log: this.#log });
        return { type: 'permitted', permit };
      }
      case 'taken':
        return { type: 'taken', number, isDialled: claim.isDialled };
      case 'other-target':
        throw createOtherNumberError();
      case 'over-cap': {
        const { cap: reached } = claim;
        throw new AppError('DIAL_CAP_REACHED', rules.find(({ cap }) => cap.name === reached)!.text);
      }
      default:
        return claim satisfies never;
    }
  }

  async #tryToClaim(order: DialOrder): Promise<DialClaim> {
    try {
      return await this.#counts.claim(order, claimTtlMs);
    } catch (error) {
      // A store that was only too slow may have counted it all the same.
      this.#counts.giveBack(order).catch(() => {});
      throw error;
    }
  }

  async #telling<Result>(purpose: 'dial' | 'transfer', to: unknown, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      const pii = { number: typeof to === 'string' ? to.slice(0, 64) : typeof to };
      // Only our own words are sure to name nobody.
      const why = error instanceof AppError ? { code: error.code, rule: error.message } : { error };
      this.#log.warn({ ...why, purpose, pii }, 'dialling refused');
      throw error;
    }
  }
}

export function createOtherNumberError(): AppError {
  return new AppError('BAD_REQUEST', 'idempotency_key: was used for a call to another number');
}

function refuseIf(condition: boolean, rule: string): void {
  if (condition) throw new AppError('DIAL_NOT_ALLOWED', rule);
}
