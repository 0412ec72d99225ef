// Spanish.
import type { Lexicon } from './lexicon.ts';

export const es: Lexicon = {
  backchannels:
    'sí si claro vale okay ok ya bueno bien muy perfecto exacto exactamente genial entiendo comprendo de acuerdo ajá aja ah oh eso es cierto verdad por supuesto excelente estupendo correcto interesante desde luego efectivamente'.split(
      ' ',
    ),
  hums: 'm mm mmm hm hmm mhm eh em este ah oh ajá'.split(' '),
  stops:
    'para pare espere espera alto no pero perdón perdone disculpe qué cómo quién cuándo dónde cuánto momento oiga oye pregunta mal repita otra despacio'.split(
      ' ',
    ),
  farewells: 'adiós gracias muchas hasta luego pronto mañana buen día igualmente chao'.split(' '),
  unfinished:
    'y e pero o porque que si cuando el la los las un una unos mi su sus nuestro este esta a de del para con en por sobre bajo entre hasta desde sin contra durante según antes después aunque mientras al del es son yo nosotros eh em pues'.split(
      ' ',
    ),
};
