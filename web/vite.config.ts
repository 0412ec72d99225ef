// How the console is built: into functions/console-pages, where the functions serve it from.
import { defineConfig } from 'vite';
import { fluentTheme } from './fluent-theme.ts';

export default defineConfig({
  root: import.meta.dirname,
  // The functions make it, from their settings.
  build: {
    outDir: '../functions/console-pages',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // A policy without inline scripts and styles: nothing may be put into the page itself.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  plugins: [fluentTheme()],
});
