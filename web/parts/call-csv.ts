// Calls as a file for a spreadsheet.
import type { CallSummary } from '../../shared/api.ts';

const columns = [
  'call_id',
  'status',
  'direction',
  'phone_number',
  'line',
  'carrier',
  'agent',
  'model',
  'created_at',
  'connected_at',
  'ended_at',
  'end_reason',
  'end_code',
  'outcome',
  'summary',
] as const satisfies readonly (keyof CallSummary)[];

/** RFC 4180. What a spreadsheet would take for a formula it gets as text, numbers of phones included. */
export function formatCsv(calls: readonly CallSummary[]): string {
  const cell = (value: string | undefined) => {
    const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value}` : (value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = calls.map((call) => columns.map((name) => cell(call[name])).join(','));
  return `${[columns.join(','), ...rows].join('\r\n')}\r\n`;
}

export function downloadCsv(calls: readonly CallSummary[], name: string): void {
  const url = URL.createObjectURL(new Blob(['﻿', formatCsv(calls)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
