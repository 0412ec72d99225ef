// What answering machines say and people who pick up do not, in the languages our agents speak.

/** Without accents and in lower case, as `isVoicemailText` makes it. */
const phrases: readonly RegExp[] = [
  // English
  /\b(after|at) the (tone|beep|signal)\b/,
  /\bleave (me |us )?(a|your|the) (\w+ ){0,2}message\b/,
  /\brecord your message\b/,
  /\bvoice ?mail(box)?\b/,
  /\b(mailbox|answering machine)\b/,
  /\b(can ?t|cannot|can not|unable to) (come to the phone|take your call|answer your call)\b/,
  /\bnot available to (take|answer) your call\b/,
  // German
  /\bnach dem (signal|piep|pfeif)?(ton|signal|piep)\b/,
  /\bhinterlass(en sie|t|e)? (\w+ ){0,3}nachricht\b/,
  /\b(anrufbeantworter|mailbox|sprachbox)\b/,
  /\b(nicht|leider nicht) personlich (erreichbar|entgegennehmen)\b/,
  // Spanish
  /\b(despues|al oir|luego) (de |del |de la )?(el |la )?(tono|senal|pitido)\b/,
  /\b(deje|deja|dejar|dejenos|dejeme|dejanos) (\w+ ){0,2}mensaje\b/,
  /\b(buzon de voz|contestador|correo de voz)\b/,
  // French
  /\bapres (le |la )?(bip|signal|tonalite)\b/,
  /\blaiss(ez|er|e)( moi| nous)? (\w+ ){0,2}message\b/,
  /\b(messagerie|repondeur|boite vocale)\b/,
];

export function isVoicemailText(text: string): boolean {
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ');
  return phrases.some((phrase) => phrase.test(plain));
}
