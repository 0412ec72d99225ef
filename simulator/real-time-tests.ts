// The tests that live in real time, and what of them virtual time cannot hold. They assert order and outcome, never milliseconds.

/** They begin in this order: what lasts longest, mostly waiting, first. */
export const realTimeTests: Readonly<Record<string, string>> = {
  'simulator/scenarios/console-voice.test.ts': 'a browser, its microphone and its loudspeaker',
  'simulator/scenarios/store-away.test.ts': 'a real Redis and the Cosmos server, which die and come back',
  'simulator/scenarios/whole-call.test.ts': 'processes over a real Redis and the Cosmos server',
  'simulator/scenarios/mixed-load.test.ts': 'processes over a real Redis',
  'simulator/scenarios/functions-package.test.ts': 'starts and ends processes',
  'simulator/scenarios/killed-bridge.test.ts': 'kills a process, over a real Redis',
  'simulator/scenarios/drain.test.ts': 'ends a process by a signal',
  'simulator/scenarios/console.test.ts': 'a browser',
  'simulator/scenarios/strangers.test.ts': "the kernel's descriptors, and Node's own time-outs of HTTP headers",
  'simulator/scenarios/silent-peer.test.ts': "Node's own time-outs of HTTP headers",
  'simulator/load/load.test.ts': 'processes on cores of their own',
  'simulator/functions-host/main.test.ts': 'starts and ends processes',
  'simulator/scenarios/bridge-image.test.ts': 'runs a container',
};
