// What Call Automation sends to our callback: CloudEvents about one call, of which we read what we need.
import { z } from 'zod';
import { readEventTime } from './event-batch.ts';

const resultSchema = z.object({ code: z.number().default(0), subCode: z.number().default(0) });

const dataSchema = z.object({
  callConnectionId: z.string().optional(),
  operationContext: z.string().nullish(),
  resultInformation: resultSchema.nullish(),
  transferTarget: z.object({ rawId: z.string() }).nullish(),
  tone: z.string().nullish(),
  participants: z.array(z.object({ identifier: z.object({ rawId: z.string() }) })).nullish(),
});

const phonePrefix = '4:';

const typePrefix = 'Microsoft.Communication.';

export const acsCallbackSchema = z
  .object({ id: z.string().min(1), type: z.string(), time: z.string().optional(), data: dataSchema })
  .transform(({ id, type, time, data }) => ({
    id,
    /** Without the prefix that all of them share. */
    type: type.startsWith(typePrefix) ? type.slice(typePrefix.length) : type,
    at: readEventTime(time),
    callConnectionId: data.callConnectionId,
    operationContext: data.operationContext ?? undefined,
    result: data.resultInformation ?? { code: 0, subCode: 0 },
    transferTarget: data.transferTarget?.rawId,
    tone: data.tone ?? undefined,
    /** In the call, at the time of the event: events come in any order. */
    phones: (data.participants ?? []).filter(({ identifier }) => identifier.rawId.startsWith(phonePrefix)).length,
  }));
export type AcsCallback = z.output<typeof acsCallbackSchema>;

const digitByTone: Readonly<Record<string, string>> = {
  zero: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  a: 'A',
  b: 'B',
  c: 'C',
  d: 'D',
  pound: '#',
  asterisk: '*',
};

export function findDigit(tone: string | undefined): string | undefined {
  return digitByTone[tone?.toLowerCase() ?? ''];
}
