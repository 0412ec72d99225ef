// How the stores of one process are, as it tells whoever asks for its health: what is wrong, by name, and what waits to be written.
import { AppError } from '../errors.ts';
import { within } from '../within.ts';
import type { CallLedger } from './call-ledger.ts';
import type { Stores } from './stores.ts';

const storeNames = ['stream', 'leases', 'history'] as const;
type StoreName = (typeof storeNames)[number];

const freshMs = 1000;

interface Finding {
  readonly state: 'ok' | 'down';
  readonly problem?: string;
}
const unheard: Finding = { state: 'down', problem: 'a store has not answered yet' };

export interface StoreReport {
  readonly checks: Readonly<Record<StoreName, 'ok' | 'down'>>;
  /** What is wrong with those that are down, for an operator, each said once. Holds no address and no personal data. */
  readonly problems: string[];
  /** Events that no store has, and calls that the history lacks something of. */
  readonly backlog: { readonly events: number; readonly calls: number };
}

export class StoreHealth {
  readonly #stores: Pick<Stores, StoreName>;
  readonly #ledger: Pick<CallLedger, 'backlog'>;
  /** Of the last check that came to an end. */
  readonly #last = new Map<StoreName, { readonly finding: Finding; readonly at: number }>();
  readonly #running = new Map<StoreName, Promise<Finding>>();

  constructor(stores: Pick<Stores, StoreName>, ledger: Pick<CallLedger, 'backlog'>) {
    this.#stores = stores;
    this.#ledger = ledger;
  }

  /** Of stores that do not answer in time it tells what was known last. Never rejects. */
  async report(withinMs: number): Promise<StoreReport> {
    const tell = (name: StoreName) =>
      within(withinMs, this.#check(name), () => this.#last.get(name)?.finding ?? unheard);
    const [stream, leases, history] = await Promise.all([tell('stream'), tell('leases'), tell('history')]);
    const problems = [stream, leases, history].flatMap(({ problem }) => problem ?? []);
    return {
      checks: { stream: stream.state, leases: leases.state, history: history.state },
      problems: [...new Set(problems)],
      backlog: this.#ledger.backlog,
    };
  }

  /** Anybody may ask for our health: the stores are asked once a second at most. */
  async #check(name: StoreName): Promise<Finding> {
    const last = this.#last.get(name);
    if (last && Date.now() - last.at < freshMs) return last.finding;
    const running = this.#running.get(name) ?? this.#ask(name);
    this.#running.set(name, running);
    return running;
  }

  async #ask(name: StoreName): Promise<Finding> {
    const finding = await this.#stores[name].ping().then(
      (): Finding => ({ state: 'ok' }),
      // Ours are written for operators; what libraries say may tell more than anybody should hear.
      (error: unknown): Finding => ({ state: 'down', problem: error instanceof AppError ? error.message : undefined }),
    );
    this.#last.set(name, { finding, at: Date.now() });
    this.#running.delete(name);
    return finding;
  }
}
