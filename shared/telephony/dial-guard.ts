// The guard of every path that dials or transfers: which numbers may be rung, how often and at what hour.
import { createHash } from 'node:crypto';
import type { Config } from '../config.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { CallLeases } from '../stores/call-leases.ts';
import { type PhoneNumber, parsePhoneNumber } from './phone-number.ts';
import { isQuietInCountry } from './quiet-hours.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * What the prefix +1, which is the whole of North America, means when it stands alone. Jamaica or the Dominican Republic
 * share it and are the classic of toll fraud: they have to be named, as +1876.
 */
const homeOfPlusOne: ReadonlySet<string> = new Set(['US', 'CA', 'PR', 'VI', 'GU', 'AS', 'MP']);

export interface DialCheck {
  /** As a client or an agent profile gave it. */
  readonly to: unknown;
  /** Outbound calls that are not over, this one not among them. */
  readonly live: number;
  /** A transfer goes to a target that the operator named: no quiet hours, no cap on the number, no limit in parallel. */
  readonly purpose?: 'dial' | 'transfer';
  readonly at?: Date;
}

type DialSettings = Pick<
  Config,
  | 'DIAL_ALLOWED_PREFIXES'
  | 'DIAL_MAX_PER_NUMBER_PER_DAY'
  | 'DIAL_MAX_PER_HOUR'
  | 'DIAL_MAX_PARALLEL'
  | 'DIAL_QUIET_HOURS'
  | 'DIAL_TIME_ZONES'
  | 'ACS_PHONE_NUMBER'
  | 'TWILIO_PHONE_NUMBER'
>;

export class DialGuard {
  readonly #settings: DialSettings;
  readonly #leases: CallLeases;
  readonly #log: Logger;

  constructor(settings: DialSettings, leases: CallLeases, log: Logger) {
    this.#settings = settings;
    this.#leases = leases;
    this.#log = log;
  }

  /**
   * Resolves to the number to dial, and counts it: ask once a call. Throws BAD_NUMBER, DIAL_NOT_ALLOWED, DIAL_CAP_REACHED;
   * STORE_UNAVAILABLE when it cannot count: then nobody is dialled.
   */
  async check(request: DialCheck): Promise<{ readonly number: string }> {
    try {
      const { number, country, kind } = parsePhoneNumber(request.to);
      this.#checkPlace({ number, country, kind });
      if (request.purpose !== 'transfer') {
        this.#checkHour(country, request.at ?? new Date());
        await this.#checkCaps(number, request.live);
      }
      await this.#checkHourlyCap();
      return { number };
    } catch (error) {
      const { code, message: rule } = error as AppError;
      const pii = { number: typeof request.to === 'string' ? request.to.slice(0, 64) : typeof request.to };
      this.#log.warn({ code, rule, purpose: request.purpose ?? 'dial', pii }, 'dialling refused');
      throw error;
    }
  }

  #checkPlace({ number, country, kind }: PhoneNumber): void {
    const { DIAL_ALLOWED_PREFIXES, ACS_PHONE_NUMBER, TWILIO_PHONE_NUMBER } = this.#settings;
    const allowed = DIAL_ALLOWED_PREFIXES.filter((prefix) => number.startsWith(prefix));
    refuseIf(allowed.length === 0, 'no prefix in DIAL_ALLOWED_PREFIXES allows this number');
    refuseIf(
      allowed.every((prefix) => prefix === '+1') && country !== undefined && !homeOfPlusOne.has(country),
      'in DIAL_ALLOWED_PREFIXES +1 alone does not allow other countries of North America: name their area code, like +1876',
    );
    refuseIf(kind === 'costly', 'premium-rate, shared-cost, satellite and other costly numbers are never dialled');
    refuseIf(number === ACS_PHONE_NUMBER || number === TWILIO_PHONE_NUMBER, 'this is our own number');
  }

  #checkHour(country: string | undefined, at: Date): void {
    const { DIAL_QUIET_HOURS: quiet, DIAL_TIME_ZONES: zones } = this.#settings;
    // Only a fictional number got here without a country: it wakes nobody.
    if (!quiet || country === undefined) return;
    refuseIf(
      isQuietInCountry(country, quiet, zones, at),
      `it is between ${quiet.from}:00 and ${quiet.to}:00 (DIAL_QUIET_HOURS) where the callee may be`,
    );
  }

  async #checkCaps(number: string, live: number): Promise<void> {
    const { DIAL_MAX_PARALLEL, DIAL_MAX_PER_NUMBER_PER_DAY } = this.#settings;
    refuseIf(live >= DIAL_MAX_PARALLEL, 'as many calls as DIAL_MAX_PARALLEL allows are live', 'DIAL_CAP_REACHED');
    // A store's key names are seen by more people than its values.
    const name = createHash('sha256').update(number).digest('base64url');
    const today = await this.#leases.count(`dialled:${name}`, dayMs);
    refuseIf(
      today > DIAL_MAX_PER_NUMBER_PER_DAY,
      'this number was dialled as often as DIAL_MAX_PER_NUMBER_PER_DAY allows',
      'DIAL_CAP_REACHED',
    );
  }

  async #checkHourlyCap(): Promise<void> {
    const thisHour = await this.#leases.count('dialled', hourMs);
    refuseIf(
      thisHour > this.#settings.DIAL_MAX_PER_HOUR,
      'as many numbers were dialled as DIAL_MAX_PER_HOUR allows',
      'DIAL_CAP_REACHED',
    );
  }
}

function refuseIf(condition: boolean, rule: string, code: ErrorCode = 'DIAL_NOT_ALLOWED'): void {
  if (condition) throw new AppError(code, rule);
}
