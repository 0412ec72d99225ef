// The stores that all machines share, as they are reached: away, hanging, slow, or so late that what was written is given up as lost.
import type { Link } from '../virtual-time/link.ts';
import { historyMachine, liveStoreMachine } from '../world/product-machines.ts';
import type { ChaosWorld, Faults, Strike } from './fault.ts';

const troubles: Readonly<Record<string, (link: Link) => void>> = {
  away(link) {
    link.refuse();
    link.cut();
  },
  hanging: (link) => link.blackHole(),
  slow: (link) => link.slow(150, 100),
  'late after having written': (link) => link.slow(2_500, 1_000),
};

function strikeAll(store: string, trouble: (link: Link) => void): Strike {
  return ({ product, virtualTime }: ChaosWorld) => {
    const links = [...product.bridges, ...product.functions].map(({ name }) => virtualTime.link(name, store));
    for (const link of links) trouble(link);
    return {
      undo() {
        for (const link of links) link.heal();
      },
    };
  };
}

export const storeFaults: Faults = Object.fromEntries(
  Object.entries({ Redis: liveStoreMachine, 'Cosmos DB': historyMachine }).flatMap(([name, machine]) =>
    Object.entries(troubles).map(([what, trouble]) => [`${name} ${what}`, strikeAll(machine, trouble)] as const),
  ),
);
