// The console's frame: where one can go, who one is, whether the feed is live, light or dark.
import { type ComponentType, lazy, Suspense, useEffect, useRef } from 'react';
import type { z } from 'zod';
import type { clientSchema } from '../shared/console-api.ts';
import { runtimeConfig } from './api-client.ts';
import { ClientContext } from './client-context.ts';
import { formatPlace, usePlace } from './location.ts';
import { FeedBadge } from './parts/badges.tsx';
import { Icon, type IconName } from './parts/icons.tsx';
import { Loading } from './parts/states.tsx';
import { ThemeButton } from './parts/theme-button.tsx';
import { CallScreen } from './screens/call-screen.tsx';
import { HistoryScreen } from './screens/history-screen.tsx';
import { LiveScreen } from './screens/live-screen.tsx';
import { useAsked } from './use-asked.ts';

const TalkScreen = lazy(async () => ({ default: (await import('./screens/talk-screen.tsx')).TalkScreen }));
const NumbersScreen = lazy(async () => ({ default: (await import('./screens/numbers-screen.tsx')).NumbersScreen }));
const AgentsScreen = lazy(async () => ({ default: (await import('./screens/agents-screen.tsx')).AgentsScreen }));
const HealthScreen = lazy(async () => ({ default: (await import('./screens/health-screen.tsx')).HealthScreen }));

const screens: readonly { name: string; title: string; icon: IconName; screen: ComponentType }[] = [
  { name: 'live', title: 'Live', icon: 'live', screen: LiveScreen },
  { name: 'history', title: 'History', icon: 'history', screen: HistoryScreen },
  { name: 'numbers', title: 'Numbers', icon: 'numbers', screen: NumbersScreen },
  { name: 'talk', title: 'Talk', icon: 'talk', screen: TalkScreen },
  { name: 'agents', title: 'Agents', icon: 'agents', screen: AgentsScreen },
  { name: 'health', title: 'Health', icon: 'health', screen: HealthScreen },
];

export function App() {
  const place = usePlace();
  const heading = useRef<HTMLElement>(null);
  const known = screens.find(({ name }) => name === place.screen);
  const isCall = place.screen === 'calls' && place.id !== undefined;
  const title = isCall ? 'Call' : (known?.title ?? 'Not found');
  const { data: client } = useAsked<z.output<typeof clientSchema>>('/api/me');
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} · Parley`;
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [title, place.screen, place.id]);
  const Screen = known?.screen;
  return (
    <ClientContext value={client}>
      <button type="button" className="skip" onClick={() => heading.current?.focus()}>
        Skip to content
      </button>
      <header className="top">
        <a className="brand" href={formatPlace('live')}>
          <svg viewBox="0 0 32 32" aria-hidden="true" className="mark">
            <rect width="32" height="32" rx="8" />
            <path d="M8 19v-6m5 10V9m6 11v-8m5 5v-2" />
          </svg>
          Parley
        </a>
        <FeedBadge />
        <div className="who">
          {client && (
            <span className="name" title={`Role: ${client.role}`}>
              {client.name}
            </span>
          )}
          {client && runtimeConfig.signOutUrl && <a href={runtimeConfig.signOutUrl}>Sign out</a>}
          {!client && runtimeConfig.signInUrl && <a href={runtimeConfig.signInUrl}>Sign in</a>}
          <ThemeButton />
        </div>
      </header>
      <nav className="rail" aria-label="Screens">
        {screens.map(({ name, title: text, icon }) => {
          const isHere = name === place.screen || (name === 'live' && isCall);
          return (
            <a key={name} href={formatPlace(name)} aria-current={isHere ? 'page' : undefined}>
              <Icon name={icon} />
              <span>{text}</span>
            </a>
          );
        })}
      </nav>
      <main id="main" ref={heading} tabIndex={-1}>
        <Suspense fallback={<Loading what={title.toLowerCase()} />}>
          {isCall ? <CallScreen key={place.id} callId={place.id!} /> : Screen ? <Screen /> : <NotFound />}
        </Suspense>
      </main>
    </ClientContext>
  );
}

function NotFound() {
  return (
    <div className="state">
      <h1>There is no such screen</h1>
      <p>
        <a href={formatPlace('live')}>See the live calls</a>
      </p>
    </div>
  );
}
