// The ways in which a machine may be lost while its calls go on: each does it, and returns what undoes it.
import { virtualTime } from '../virtual-time/install.ts';
import { historyMachine, liveStoreMachine, type ProductMachine } from '../world/product-machines.ts';

export type Loss = (owner: ProductMachine) => () => void;

export const kill: Loss = (owner) => {
  owner.kill();
  return () => {};
};

/** Its sockets stay open. */
export const hang: Loss = (owner) => {
  owner.pause();
  return () => owner.resume();
};

/** It runs, and reaches neither carriers nor stores. */
export const cutOff: Loss = ({ name }) => {
  const links = ['world', liveStoreMachine, historyMachine].map((far) => virtualTime.link(name, far));
  for (const link of links) link.blackHole();
  return () => {
    for (const link of links) link.heal();
  };
};
