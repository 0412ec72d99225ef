// What a demo call may be, as words of a command line and as the body of a request: one schema for both.
import { z } from 'zod';
import { phoneCarriers, voiceModelKinds } from '../../shared/call/call.ts';
import { demoScenarios } from './demo-scenarios.ts';

const scenarioNames = Object.keys(demoScenarios);

export const demoOrderSchema = z
  .strictObject({
    scenario: z.enum(scenarioNames, `must be one of ${scenarioNames.join(', ')}`).default('tour'),
    /** A recording in base64, in place of a scenario. */
    wav: z.string().optional(),
    carrier: z.enum(phoneCarriers, `must be ${phoneCarriers.join(' or ')}`).default('acs'),
    model: z.enum(voiceModelKinds, `must be one of ${voiceModelKinds.join(', ')}`).optional(),
    outbound: z.boolean().default(false),
  })
  // Only a call that is placed through the API can choose its model.
  .transform((order) => ({
    ...order,
    direction: order.outbound || order.model ? ('outbound' as const) : ('inbound' as const),
  }));

export type DemoOrder = z.output<typeof demoOrderSchema>;
export type DemoOrderInput = z.input<typeof demoOrderSchema>;
