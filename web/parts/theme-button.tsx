// Light or dark: as the system has it, until somebody chooses.
import { useState } from 'react';
import { Icon } from './icons.tsx';

const key = 'parley-theme';
const root = document.documentElement;

function readTheme(): 'light' | 'dark' {
  const chosen = localStorage.getItem(key);
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

if (localStorage.getItem(key) !== null) root.dataset.theme = readTheme();

export function ThemeButton() {
  const [theme, setTheme] = useState(readTheme);
  const other = theme === 'dark' ? 'light' : 'dark';
  const title = `Use the ${other} theme`;
  const change = () => {
    root.dataset.theme = other;
    localStorage.setItem(key, other);
    setTheme(other);
  };
  return (
    <button type="button" className="button subtle" onClick={change} aria-label={title} title={title}>
      <Icon name="theme" />
    </button>
  );
}
