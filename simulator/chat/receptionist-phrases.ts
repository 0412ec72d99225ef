// What callers of the demo say to the receptionist, and what the stand-in models answer.
import type { BrainRules } from './brain.ts';

export const receptionistRules: BrainRules = {
  phrases: [
    { heard: 'Hello.', reply: 'Hello. How can I help you?' },
    { heard: 'What are your opening hours?', reply: 'We are open from nine to five, Monday to Friday.' },
    { heard: 'Are you open on Saturday?', reply: 'No, the office is closed at the weekend.' },
    { heard: 'Where are you located?', reply: 'You find us at one Main Street, opposite the station.' },
    {
      heard: 'What time is it?',
      tool: { name: 'current_time', arguments: {}, report: 'It is {output.time}.' },
    },
    {
      heard: 'Please call me back.',
      tool: {
        name: 'take_note',
        arguments: { text: 'The caller asks to be called back.' },
        report: 'I have written that down. Somebody will call you back.',
      },
    },
    {
      heard: 'Please take a note.',
      tool: {
        name: 'take_note',
        arguments: { text: 'The caller left a note.' },
        report: 'I have taken a note.',
      },
    },
    {
      heard: 'Can I speak to a person?',
      tool: {
        name: 'transfer_to_human',
        arguments: { target: 'sales', brief: 'Somebody asks for a person.' },
        report: 'Please hold the line.',
      },
    },
    {
      heard: 'I would like to pay by card.',
      tool: { name: 'ask_for_keys', arguments: { question: 'card' }, report: 'Please key in the number of your card.' },
    },
    {
      heard: 'Yes, put them through.',
      tool: { name: 'answer_transfer', arguments: { accepted: true }, report: 'I am connecting you.' },
    },
    {
      heard: 'No, not now.',
      tool: { name: 'answer_transfer', arguments: { accepted: false }, report: 'Goodbye.' },
    },
    {
      heard: 'Please tell me about your company.',
      reply:
        'Contoso was founded forty years ago in a small garage. Today we make furniture for offices and for homes. ' +
        'We have three factories and more than two hundred people. Our chairs are known all over the world. ' +
        'We also repair what we sold, however old it is.',
    },
    { heard: 'Stop, please.', reply: 'Of course. What else can I do for you?' },
    { heard: 'Thank you very much.', reply: 'You are welcome. Is there anything else?' },
    {
      heard: 'Goodbye.',
      tool: { name: 'hang_up', arguments: {}, report: 'Goodbye.' },
    },
  ],
  otherwise: 'Sorry, I did not understand.',
};
