// Renders what the people and the models of the local world say, once for all test files: on a cold start each would do it for itself.
import { loadAgents } from '../../shared/agents/agent.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import { agentVoice, callerVoice, openSpeech } from './speech.ts';

const speech = openSpeech({ cacheFolder: '.data/speech' });
const replies = receptionistRules.phrases.map((rule) => ('reply' in rule ? rule.reply : rule.tool.report));
const greetings = [...loadAgents('agents').values()].map(({ greeting }) => greeting ?? '');
for (const { heard } of receptionistRules.phrases) await speech.speak(heard, callerVoice);
for (const text of [...greetings, ...replies, receptionistRules.otherwise]) {
  // What a tool tells is not known before it told it.
  if (text !== '' && !text.includes('{')) await speech.speak(text, agentVoice);
}
await speech.close();
