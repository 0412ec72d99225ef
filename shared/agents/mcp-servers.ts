// Of an agent: servers of the Model Context Protocol, and which of their tools it may use.
import { z } from 'zod';
import { serviceSecret, serviceUrl } from './foreign-service.ts';
import { fieldName } from './spoken-words.ts';

const mcpServer = z.strictObject({
  /** Streamable HTTP. */
  url: serviceUrl,
  secret: serviceSecret.optional(),
  /** By the server's own names; none is taken that is not named here. */
  tools: z.array(z.string().min(1)).min(1, 'must name a tool'),
  timeout_seconds: z.number().min(0.5).max(30).default(8),
  speak: z.enum(['when-idle', 'interrupt', 'silent']).default('when-idle'),
});

export const mcpServers = z.record(fieldName, mcpServer).default({});

export type McpServerDefinition = z.output<typeof mcpServer>;
