// Where a running world takes orders for calls: a second terminal has to find it.
export const deskPort = 7070;
export const deskUrl = `http://127.0.0.1:${deskPort}`;
/** Where it shows what was traced; a call's id follows. */
export const traceUrl = `${deskUrl}/traces`;
