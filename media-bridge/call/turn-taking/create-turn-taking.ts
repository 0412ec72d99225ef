// Gives a call whoever decides in it whose turn it is, as its agent wants it.
import type { Attendance } from '../attendance.ts';
import type { Farewell } from '../farewell.ts';
import type { MediaLeg } from '../media-leg.ts';
import type { ServedAgent } from '../openings.ts';
import { findConsentWords } from '../recording/consent-words.ts';
import { BridgeTurns, type BridgeTurnsOptions } from './bridge-turns.ts';
import { ModelTurns } from './model-turns.ts';
import type { TurnTaking } from './turn-taking.ts';

export interface TurnTakingOptions
  extends Pick<BridgeTurnsOptions, 'journal' | 'model' | 'turns' | 'watch' | 'isSilenced'> {
  readonly agent: ServedAgent;
  readonly media: BridgeTurnsOptions['line'] & Pick<MediaLeg, 'format'>;
  readonly farewell: Pick<Farewell, 'isUnderWay' | 'takeBack'>;
  readonly attendance: Pick<Attendance, 'callerActed'>;
}

export function createTurnTaking({ agent, media, farewell, attendance, ...options }: TurnTakingOptions): TurnTaking {
  const { turn_taking: rules, recording, language, languages } = agent;
  const takeWord = () => {
    attendance.callerActed();
    farewell.takeBack();
    options.turns.callerStarted();
  };
  if (rules.decided_by === 'model') return new ModelTurns({ ...options, takeWord });
  const consentWords = recording.enabled ? findConsentWords(agent) : undefined;
  return new BridgeTurns({
    ...options,
    line: media,
    format: media.format,
    // Whoever talks into it has not been told.
    rules: { ...rules, must_be_heard: [...rules.must_be_heard, ...(consentWords === undefined ? [] : [consentWords])] },
    languages: [language, ...languages],
    isGoodbye: () => farewell.isUnderWay,
    onCallerHeard: () => attendance.callerActed(),
    takeWord,
  });
}
