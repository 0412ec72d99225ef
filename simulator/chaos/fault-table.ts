// The one table of everything that may go wrong in a world of chaos.
import { carrierFaults } from './carrier-faults.ts';
import { doorFaults } from './door-faults.ts';
import type { Faults } from './fault.ts';
import { machineFaults } from './machine-faults.ts';
import { modelFaults } from './model-faults.ts';
import { storeFaults } from './store-faults.ts';

export const faultTable: Faults = { ...machineFaults, ...storeFaults, ...carrierFaults, ...modelFaults, ...doorFaults };
export const faultNames: readonly string[] = Object.keys(faultTable);
