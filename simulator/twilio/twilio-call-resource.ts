// A call and a list of calls as Twilio's REST API writes them.
import type { TwilioCall } from './twilio-call.ts';
import { createSid } from './twilio-context.ts';

export function describeCalls(accountSid: string, all: readonly TwilioCall[], url: URL): object {
  const wanted = (name: string, value: string) => {
    const filter = url.searchParams.get(name);
    return filter === null || filter === value;
  };
  const calls = all.filter(
    ({ options, status }) => wanted('To', options.to) && wanted('From', options.from) && wanted('Status', status),
  );
  return {
    calls: calls.map((call) => describeCall(accountSid, call)).reverse(),
    page: 0,
    page_size: 50,
    start: 0,
    end: Math.max(0, calls.length - 1),
    uri: url.pathname + url.search,
    first_page_uri: url.pathname,
    next_page_uri: null,
    previous_page_uri: null,
  };
}

export function describeCall(accountSid: string, call: TwilioCall): object {
  const { from, to, direction } = call.options;
  const rfc2822 = (date: Date) => date.toUTCString().replace('GMT', '+0000');
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${call.sid}`;
  const isQueued = call.status === 'queued';
  return {
    sid: call.sid,
    date_created: isQueued ? null : rfc2822(call.createdAt),
    date_updated: isQueued ? null : rfc2822(new Date()),
    parent_call_sid: null,
    account_sid: accountSid,
    to,
    to_formatted: to,
    from,
    from_formatted: from,
    phone_number_sid: createSid('PN'),
    status: call.status === 'initiated' ? 'queued' : call.status,
    start_time: isQueued ? null : rfc2822(call.createdAt),
    end_time: call.isLive ? null : rfc2822(new Date()),
    duration: call.isLive ? null : String(call.durationSeconds),
    price: null,
    price_unit: 'USD',
    direction,
    answered_by: null,
    api_version: '2010-04-01',
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: '0',
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: { recordings: `${uri}/Recordings.json`, streams: `${uri}/Streams.json` },
  };
}
