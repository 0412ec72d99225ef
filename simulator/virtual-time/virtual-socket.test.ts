// Sockets in virtual time do what those of the kernel do.
import './install.ts';

import { runSocketContract } from './testing/socket.contract.ts';

runSocketContract('in virtual time');
