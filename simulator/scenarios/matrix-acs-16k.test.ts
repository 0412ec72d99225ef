// Whole calls through ACS at 16 kHz with each voice model, in both directions.
import '../virtual-time/install.ts';

import { describeMatrix } from './matrix.ts';

describeMatrix('a call through ACS at 16 kHz', { carrier: 'acs' });
