// German.
import type { Lexicon } from './lexicon.ts';

export const de: Lexicon = {
  backchannels:
    'ja jo jep genau okay ok gut schön stimmt richtig klar natürlich aha ach so verstehe ich alles super prima sicher interessant wirklich echt eben ah oh jawohl perfekt toll klasse wunderbar verstanden logisch'.split(
      ' ',
    ),
  hums: 'm mm mmm hm hmm mhm mhmm aha äh ähm öh ah oh eh na'.split(' '),
  stops:
    'stopp stop halt moment warten warte nein nee nicht aber entschuldigung was wie warum wer wann wo eigentlich langsam nochmal noch falsch hallo frage bitte'.split(
      ' ',
    ),
  farewells: 'tschüss tschüs wiederhören auf danke vielen dank bis bald schönen tag noch ihnen auch ciao'.split(' '),
  unfinished:
    'und aber oder weil dass wenn ob der die das ein eine einen einem einer mein meine ihr ihre zu von für mit bei in im am an auf um über unter vor nach bis seit zwischen durch ohne gegen während wegen als obwohl damit sodass bevor nachdem zum zur vom beim ist sind war ich wir es äh ähm also'.split(
      ' ',
    ),
};
