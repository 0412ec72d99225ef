// Which calls were talked nonsense to, so that nothing is to be expected of them but that they harm nobody else. Pure.
import type { CallRecord, WorldRecord } from './world-record.ts';

/** What was over before it, or began after it, is a call like any other. */
export function isSpoilt({ faults }: WorldRecord, { plan, line, events }: CallRecord): boolean {
  const untilMs = line?.toMs ?? Number.POSITIVE_INFINITY;
  return faults.some(({ spoils, fromMs, toMs }) => {
    if (!spoils || toMs < plan.startsMs || fromMs > untilMs) return false;
    if ('carrier' in spoils) return spoils.carrier === plan.carrier;
    return events.some((event) => event.type === 'model-opened' && spoils.models.includes(event.model));
  });
}
