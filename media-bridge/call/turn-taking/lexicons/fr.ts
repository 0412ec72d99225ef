// French.
import type { Lexicon } from './lexicon.ts';

export const fr: Lexicon = {
  backchannels:
    "oui ouais ok okay okey d'accord dac bien très bon voilà exactement parfait super ah oh je vois c'est ça entendu bien sûr tout à fait vraiment compris excellent génial absolument effectivement intéressant".split(
      ' ',
    ),
  hums: 'm mm mmm hm hmm mhm euh heu hein ah oh eh bah'.split(' '),
  stops:
    'stop attendez attends arrêtez arrête non pas mais pardon excusez quoi comment pourquoi qui quand où combien moment allô question faux répétez encore doucement'.split(
      ' ',
    ),
  farewells: 'au revoir merci beaucoup bonne journée soirée à bientôt salut vous aussi'.split(' '),
  unfinished:
    'et mais ou car parce que qui si quand le la les un une des mon ma mes votre vos notre ce cette à de du pour avec dans sur sous par chez avant après entre sans vers depuis jusque contre pendant lorsque puisque du au aux est sont je nous il elle euh donc'.split(
      ' ',
    ),
};
