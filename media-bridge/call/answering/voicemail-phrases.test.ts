// Reads what answering machines say, and what people say when they pick up.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isVoicemailText } from './voicemail-phrases.ts';

it('knows the phrases of answering machines in English, German, Spanish and French', () => {
  const said = [
    'Please leave a message after the tone.',
    "Hi, you've reached Alex. I can't come to the phone right now.",
    'Leave me a short message and I will call you back.',
    'At the beep, record your message.',
    'Your call has been forwarded to an automatic VOICE MAIL system.',
    'We are unable to take your call.',
    'Bitte hinterlassen Sie eine Nachricht nach dem Signalton.',
    'Dies ist die Mailbox von Familie Beispiel.',
    'Hinterlassen Sie uns bitte Ihre Nachricht',
    'Nach dem Piep bitte sprechen.',
    'Deje su mensaje después del tono.',
    'Al oír la señal, hable, por favor.',
    'Este es el buzón de voz de Ana.',
    'Laissez un message après le bip sonore.',
    'Vous êtes bien sur la messagerie de Camille.',
    'Veuillez laisser votre message après la tonalité.',
  ];
  assert.deepEqual(
    said.filter((text) => !isVoicemailText(text)),
    [],
  );
});

it('takes no greeting of a person for one', () => {
  const said = [
    'Hello?',
    'Good morning, Smith and Sons, Mary speaking, how can I help you?',
    'Yes, this is Alex. Who is calling?',
    'Can I take a message?',
    'I did not get your message.',
    'Beispiel, guten Tag.',
    '¿Dígame?',
    'Allô, oui ?',
    '',
  ];
  assert.deepEqual(said.filter(isVoicemailText), []);
});
