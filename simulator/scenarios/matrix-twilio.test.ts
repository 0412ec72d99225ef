// Whole calls through Twilio in mu-law with each voice model, in both directions.
import { describeMatrix } from './matrix.ts';

describeMatrix('a call through Twilio in mu-law', { carrier: 'twilio' });
