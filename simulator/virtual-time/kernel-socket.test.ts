// The suite that sockets in virtual time are held to, against the kernel's own: what it expects is true.
import { runSocketContract } from './testing/socket.contract.ts';

runSocketContract('of the kernel');
