// English.
import type { Lexicon } from './lexicon.ts';

export const en: Lexicon = {
  backchannels:
    'yeah yea ya yep yup yes okay ok kay right sure alright all-right good great nice fine cool wow really true exactly absolutely definitely certainly totally indeed perfect excellent lovely brilliant amazing awesome interesting understood agreed correct makes sense gotcha i see got it of course ah oh well uh-huh'.split(
      ' ',
    ),
  hums: 'm mm mmm hm hmm mhm mhmm mm-hm mm-hmm uh um uhm uh-huh huh ah oh er erm eh'.split(' '),
  stops:
    'stop wait no not hold hang sorry excuse pardon what why how who when where actually listen but question wrong repeat again slow hello'.split(
      ' ',
    ),
  farewells: 'bye goodbye thanks thank you see later day have a nice care take too'.split(' '),
  unfinished:
    'and but or so because if when that the a an my your his her our their this to of for with from at in on by about before after until since between into onto over under through without during against among toward towards than whether which whose although though unless while as is are was i we it uh um er maybe like'.split(
      ' ',
    ),
};
