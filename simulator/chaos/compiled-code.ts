// What V8 makes of the code, and keeps for it: no part of what the code holds.
import { text } from 'node:stream/consumers';
import { getHeapSnapshot, getHeapSpaceStatistics } from 'node:v8';

/** Lists of what was compiled for a shape, to be thrown away with it: they lie among the objects, and nothing but a snapshot knows of them. */
const dependentsName = 'system / WeakArrayList';

interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[] } };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** In bytes. The more functions were often called, the more: for hours, and no further than there is code. Costs seconds. */
export async function measureCompiledCode(): Promise<number> {
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => /code|trusted/.test(space_name));
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, await measureDependents());
}

async function measureDependents(): Promise<number> {
  const { snapshot, nodes, strings } = JSON.parse(await text(getHeapSnapshot())) as Snapshot;
  const { node_fields: fields } = snapshot.meta;
  const [name, size] = [fields.indexOf('name'), fields.indexOf('self_size')];
  const dependents = strings.indexOf(dependentsName);
  if (dependents < 0) throw new Error(`this V8 has no "${dependentsName}": it calls them otherwise`);
  let bytes = 0;
  for (let node = 0; node < nodes.length; node += fields.length)
    if (nodes[node + name] === dependents) bytes += nodes[node + size]!;
  return bytes;
}
