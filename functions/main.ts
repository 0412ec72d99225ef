// Where Azure Functions starts: builds the services from the settings and registers the app.
import { readConfig } from '../shared/config.ts';
import { registerApp } from './app.ts';
import { createServices } from './services.ts';

registerApp(await createServices(readConfig()));
