// Tells operators of a fact under a name of its own, which the portal lists as a custom event.
import { type Attributes, type Context, context } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { type CustomEventName, scopeName } from './names.ts';

/** What makes a custom event of a log record in Application Insights. */
const eventAttribute = 'microsoft.custom_event.name';

/** Nothing personal may be among the attributes. */
export function emitCustomEvent(
  name: CustomEventName,
  attributes: Attributes,
  traced: Context = context.active(),
): void {
  logs.getLogger(scopeName).emit({
    eventName: name,
    body: name,
    severityNumber: SeverityNumber.INFO,
    severityText: 'INFO',
    attributes: { ...dropUnknown(attributes), [eventAttribute]: name },
    context: traced,
  });
}

/** The exporter would write the word `undefined`. */
function dropUnknown(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
