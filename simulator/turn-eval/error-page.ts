// A page that shows every error of a run over time: what the caller did, when the agent could be heard, where it was softer. Pure.

import { nameColumn } from './eval-job.ts';
import { type EventView, viewMs } from './event-view.ts';
import type { JobScore } from './job-process.ts';
import type { Span } from './metrics/wire-record.ts';
import type { CallScore, EventScore } from './score-call.ts';

/** With everything off nearly all is an error: a few of each kind show what it is like. */
const shownOff = 4;
const pxPerSecond = 90;
const rowPx = 16;

const style = `body{font:13px system-ui;margin:16px;color:#222}h2{font-size:15px;margin:18px 0 4px}h3{font-size:13px;margin:10px 0 2px;font-weight:600}
.row{position:relative;height:${rowPx}px;width:${((viewMs.before + viewMs.after) / 1000) * pxPerSecond}px;background:#f6f6f6;margin-bottom:2px}
.row i{position:absolute;top:1px;height:${rowPx - 2}px;min-width:1px;overflow:hidden;white-space:nowrap;font-style:normal;font-size:11px;padding-left:2px;box-sizing:border-box}
.caller{background:#9fd19f}.agent{background:#b9aee6}.soft{background:#e3dcfa;border-bottom:3px solid #7a68c4}.event{border-left:2px solid #c00;width:0}code{font-size:11px;color:#666}`;

interface ShownError {
  readonly call: CallScore;
  readonly event: EventScore & { readonly error: string; readonly view: EventView };
}

/** `replay`: the command that plays the call of an error again. */
export function formatErrorPage(
  scores: readonly JobScore[],
  table: string,
  replay: (score: JobScore, call: CallScore) => string,
): string {
  const columns = Map.groupBy(scores, ({ column }) => nameColumn(column));
  const sections = [...columns].map(([name, found]) => {
    const errors = found.flatMap((score) =>
      score.calls.flatMap((call) => findErrors(call).map((error) => ({ score, ...error }))),
    );
    const kinds = Map.groupBy(errors, ({ event }) => event.kind);
    const parts = [...kinds].map(([kind, ofKind]) => {
      const shown = found[0]!.column.mode === 'off' ? ofKind.slice(0, shownOff) : ofKind;
      const title = `<h3>${escapeHtml(kind)}: ${ofKind.length}${shown.length < ofKind.length ? `, ${shown.length} shown` : ''}</h3>`;
      return `${title}${shown.map(({ score, call, event }) => show({ call, event }, replay(score, call))).join('')}`;
    });
    return `<h2>${escapeHtml(name)}: ${errors.length} errors</h2>${parts.join('\n')}`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Turn-taking</title><style>${style}</style>
<body><h1>Turn-taking</h1><pre>${escapeHtml(table)}</pre>
<p>Each timeline begins ${viewMs.before / 1000} s before the caller's sound (the red line) and ends ${viewMs.after / 1000} s after it began.</p>
${sections.join('\n')}
</body></html>
`;
}

function findErrors(call: CallScore): ShownError[] {
  return call.events.flatMap((event) =>
    event.error === undefined || event.view === undefined
      ? []
      : [{ call, event: { ...event, error: event.error, view: event.view } }],
  );
}

function show({ call, event }: ShownError, command: string): string {
  const { carrier, snrDb, background, seed } = call.plan;
  const at = `${(event.fromMs / 1000).toFixed(1)} s into call ${seed}, ${carrier}, ${snrDb} dB, ${background}`;
  const { caller, agent, soft } = event.view;
  return `<p><b>${escapeHtml(event.name)}</b>: ${escapeHtml(event.error)} (${escapeHtml(at)})<br><code>${escapeHtml(command)}</code></p>
${row([...bars('caller', caller), mark])}${row([...bars('agent', agent), ...bars('soft', soft), mark])}`;
}

const leftOf = (ms: number) => Math.round(((ms + viewMs.before) / 1000) * pxPerSecond);
const mark = `<i class="event" style="left:${leftOf(0)}px"></i>`;
const row = (inside: readonly string[]) => `<div class="row">${inside.join('')}</div>`;

function bars(kind: string, spans: readonly (Span & { readonly text?: string })[]): string[] {
  return spans.map(({ fromMs, toMs, text = '' }) => {
    const label = escapeHtml(text);
    return `<i class="${kind}" style="left:${leftOf(fromMs)}px;width:${leftOf(toMs) - leftOf(fromMs)}px" title="${fromMs} to ${toMs} ms ${label}">${label}</i>`;
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
