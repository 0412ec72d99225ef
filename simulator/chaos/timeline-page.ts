// A page that shows a world over time: the faults, and of each call its sockets, what was said, what was heard and what was written down. Pure.
import type { Violation } from './violation.ts';
import type { CallRecord, Span, WorldRecord } from './world-record.ts';

const pxPerSecond = 16;
const rowPx = 18;

const style = `body{font:12px system-ui;margin:16px}.row{position:relative;height:${rowPx}px;border-bottom:1px solid #eee}
.row b{position:sticky;left:0;background:#fff;z-index:1;padding-right:6px;font-weight:400;color:#555}
.row i{position:absolute;top:2px;height:${rowPx - 4}px;min-width:2px;overflow:hidden;white-space:nowrap;font-style:normal;padding-left:2px}
.fault{background:#f7b2b2}.socket{background:#d9e7f7}.said{background:#bfe3bf}.heard{background:#cfc4ee}.event{border-left:2px solid #888}
.violation{background:#c00;color:#fff}h2{font-size:13px;margin:14px 0 2px}`;

export function formatTimeline(world: WorldRecord, violations: readonly Violation[]): string {
  const row = (title: string, kind: string, spans: readonly (Span & { readonly text?: string })[]) => {
    const bars = spans.map(({ fromMs, toMs, text = '' }) => {
      const [left, width] = [fromMs, toMs - fromMs].map((ms) => Math.round((ms / 1000) * pxPerSecond));
      const label = escapeHtml(text);
      const at = `${(fromMs / 1000).toFixed(2)} s, ${Math.round(toMs - fromMs)} ms`;
      return `<i class="${kind}" style="left:${left}px;width:${width}px" title="${at} ${label}">${label}</i>`;
    });
    return `<div class="row"><b>${escapeHtml(title)}</b>${bars.join('')}</div>`;
  };
  const marks = (atMs: number) => ({ fromMs: atMs, toMs: atMs });
  const showCall = (call: CallRecord) => {
    const { plan } = call;
    const own = violations.filter(({ number }) => number === plan.number);
    const events = call.events.map((event) => ({ ...marks(event.at - world.startedAt), text: event.type }));
    return [
      `<h2>${plan.number}, ${plan.carrier}, ${plan.direction}</h2>`,
      row('line', 'socket', call.line ? [call.line] : []),
      row('media', 'socket', call.sockets),
      row('said', 'said', call.said),
      row('heard', 'heard', call.sounds),
      ...events.map((event) => row('', 'event', [event])),
      ...own.map(({ rule, what, atMs = 0 }) => row('', 'violation', [{ ...marks(atMs), text: `${rule}: ${what}` }])),
    ].join('\n');
  };
  const general = violations.filter(({ number }) => number === undefined);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>World ${world.plan.seed}</title><style>${style}</style>
<body style="width:${Math.ceil((world.endedMs / 1000) * pxPerSecond)}px"><h1>World ${world.plan.seed}, ${world.plan.model}</h1>
${general.map(({ rule, what }) => `<p class="violation">${escapeHtml(`${rule}: ${what}`)}</p>`).join('\n')}
${world.faults.map((fault) => row('', 'fault', [{ ...fault, text: [fault.name, fault.machine].filter(Boolean).join(', ') }])).join('\n')}
${world.calls.map(showCall).join('\n')}
</body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
