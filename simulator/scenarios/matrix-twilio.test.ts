// Whole calls through Twilio in mu-law with each voice model, in both directions.
import '../virtual-time/install.ts';

import { describeMatrix } from './matrix.ts';

describeMatrix('a call through Twilio in mu-law', { carrier: 'twilio' });
