// What the words of one language tell of whose turn it is. One file a language; words are lower-case, without marks.

export interface Lexicon {
  /** Said while listening: alone or together they want no answer. */
  readonly backchannels: readonly string[];
  /** Made with the mouth closed, or before a word is found. Nobody answers them, whoever is speaking. */
  readonly hums: readonly string[];
  /** Said to take the word; one of them is enough, wherever it stands. */
  readonly stops: readonly string[];
  /** Said at the end of a call; they stop no goodbye. */
  readonly farewells: readonly string[];
  /** No sentence ends with them: whoever does is looking for the next word. */
  readonly unfinished: readonly string[];
}
