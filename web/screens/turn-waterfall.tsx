// What a caller waited for an answer, and for what: three stages that follow each other.
import { formatMs } from '../parts/words.ts';

/** A pause that is twice as long as people make between turns is drawn at full width. */
const fullWidthMs = 3_000;

export function TurnWaterfall({ details }: { details: Readonly<Record<string, unknown>> }) {
  const latencyMs = Number(details.latencyMs);
  const endpointingMs = Number(details.endpointingMs ?? 0);
  const playoutMs = Number(details.playoutMs ?? 0);
  const modelMs = Math.max(0, latencyMs - endpointingMs - playoutMs);
  const stages = [
    { name: 'end of turn', ms: endpointingMs, className: 'endpointing' },
    { name: 'model', ms: modelMs, className: 'model' },
    { name: 'on its way', ms: playoutMs, className: 'playout' },
  ].filter(({ ms }) => ms > 0);
  const words = stages.map(({ name, ms }) => `${name} ${formatMs(ms)}`).join(', ');
  const scale = 100 / Math.max(fullWidthMs, latencyMs);
  let left = 0;
  return (
    <li className="waterfall" title={words}>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        {stages.map(({ name, ms, className }) => {
          const x = left;
          left += ms * scale;
          return <rect key={name} className={className} x={x} y="0" width={Math.max(ms * scale, 0.4)} height="4" />;
        })}
      </svg>
      <span>
        Answered in {formatMs(latencyMs)}
        {stages.length > 1 && <small> ({words})</small>}
      </span>
    </li>
  );
}
