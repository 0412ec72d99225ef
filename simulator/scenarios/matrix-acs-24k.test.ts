// Whole calls through ACS at 24 kHz with each voice model, in both directions.
import '../virtual-time/install.ts';

import { describeMatrix } from './matrix.ts';

describeMatrix('a call through ACS at 24 kHz', { carrier: 'acs', settings: { ACS_AUDIO_FORMAT: 'pcm24k' } });
