// What agents there are: what each is for, what it may use, how it sounds, whom it hands calls to.
import type { AgentList } from '../../shared/console-api.ts';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { modelNames, nameOf } from '../parts/words.ts';
import { useAsked } from '../use-asked.ts';

interface ToolList {
  readonly tools: readonly { readonly name: string; readonly description: string }[];
}

export function AgentsScreen() {
  const { data, error, reload } = useAsked<AgentList>('/api/agents');
  const { data: toolList } = useAsked<ToolList>('/api/tools');
  const descriptions = new Map(toolList?.tools.map(({ name, description }) => [name, description]));
  return (
    <>
      <div className="heading">
        <h1>Agents</h1>
      </div>
      {!data && (error ? <Failed error={error} onRetry={reload} /> : <Loading what="agents" />)}
      {data?.agents.length === 0 && <Empty title="There is no agent">Agents are Markdown files in agents/.</Empty>}
      <div className="agents">
        {data?.agents.map((agent) => (
          <article className="card agent" key={agent.name} aria-labelledby={`agent-${agent.name}`}>
            <h2 id={`agent-${agent.name}`}>
              {agent.name} {agent.name === data.default_agent && <span className="badge good">Default</span>}
            </h2>
            <p>{agent.description}</p>
            {agent.greeting && <blockquote>“{agent.greeting}”</blockquote>}
            <dl className="facts">
              <div>
                <dt>Speaks</dt>
                <dd>{[agent.language, ...agent.languages].join(', ')}</dd>
              </div>
              {agent.models.map((model, index) => (
                <div key={model}>
                  <dt>{index === 0 ? 'Model' : 'or else'}</dt>
                  <dd>
                    {nameOf(modelNames, model)}
                    {agent.voices[model] && <small> · {agent.voices[model]}</small>}
                  </dd>
                </div>
              ))}
              {agent.transfer_targets.length > 0 && (
                <div>
                  <dt>Hands over to</dt>
                  <dd>{agent.transfer_targets.join(', ')}</dd>
                </div>
              )}
            </dl>
            <h3>Tools</h3>
            {agent.tools.length === 0 ? (
              <p className="sub">None</p>
            ) : (
              <ul className="tools">
                {agent.tools.map((tool) => (
                  <li key={tool}>
                    <code>{tool}</code> <small>{descriptions.get(tool)}</small>
                  </li>
                ))}
              </ul>
            )}
            <details>
              <summary>Instructions</summary>
              <pre tabIndex={0}>{agent.instructions}</pre>
            </details>
          </article>
        ))}
      </div>
    </>
  );
}
