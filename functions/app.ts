// Registers every route and trigger with the Functions runtime.
import { app } from '@azure/functions';
import { createHttpHandler } from './route-handler.ts';
import { createEventGridRoutes, createHttpRoutes, createTimerRoutes } from './routes.ts';
import type { Services } from './services.ts';

/** Only while the app is being loaded: the runtime takes no function later. */
export function registerApp(services: Services): void {
  for (const { name, methods, path, auth, handle } of createHttpRoutes(services)) {
    const handler = createHttpHandler(auth === 'function' ? services.guardApi(handle) : handle, services.log);
    app.http(name, { methods: [...methods], route: path, authLevel: auth, handler });
  }
  for (const { name, receive } of createEventGridRoutes(services)) app.eventGrid(name, { handler: receive });
  for (const { name, schedule, run } of createTimerRoutes(services)) app.timer(name, { schedule, handler: run });
  app.hook.appTerminate(() => services.close());
}
