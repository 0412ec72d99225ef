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
    attributes: { ...attributes, [eventAttribute]: name },
    context: traced,
  });
}
