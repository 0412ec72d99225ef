// All tools by name, and what a model is told of those an agent may use.
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { currentTime } from './current-time.ts';
import { hangUp } from './hang-up.ts';
import { takeNote } from './take-note.ts';
import type { Tool, ToolSchema } from './tool.ts';

export type ToolRegistry = ReadonlyMap<string, Tool>;

export function createToolRegistry(tools: readonly Tool[] = [currentTime, takeNote, hangUp]): ToolRegistry {
  return new Map(tools.map((tool) => [tool.name, tool]));
}

/** Throws UNKNOWN_TOOL, naming it: an agent that names a tool we lack must not start. */
export function pickTools(registry: ToolRegistry, names: readonly string[]): readonly Tool[] {
  return names.map((name) => {
    const tool = registry.get(name);
    if (!tool) throw new AppError('UNKNOWN_TOOL', { name, known: [...registry.keys()].join(', ') });
    return tool;
  });
}

export function formatToolSchema(tool: Tool): ToolSchema {
  const { $schema: _, ...parameters } = z.toJSONSchema(tool.input, { io: 'input' });
  return { name: tool.name, description: tool.description, parameters };
}
