// Registers every route and trigger with the Functions runtime.

import type { HttpHandler } from '@azure/functions';
import { app } from '@azure/functions';
import type { HttpRoute } from './http-route.ts';
import { createHttpHandler, serveClients } from './route-handler.ts';
import { createEventGridRoutes, createHttpRoutes, createTimerRoutes } from './routes.ts';
import type { Services } from './services.ts';

/** Only while the app is being loaded: the runtime takes no function later. */
export function registerApp(services: Services): void {
  for (const route of createHttpRoutes(services)) {
    const { name, methods, path } = route;
    app.http(name, {
      methods: [...methods],
      route: path,
      authLevel: findLevel(route),
      handler: guard(route, services),
    });
  }
  for (const { name, receive } of createEventGridRoutes(services)) app.eventGrid(name, { handler: receive });
  for (const { name, schedule, run } of createTimerRoutes(services)) app.timer(name, { schedule, handler: run });
  app.hook.appTerminate(() => services.close());
}

/** Azure's host knows nothing of roles and of who signed in: what is the API's door's to decide it lets through. */
function findLevel({ auth }: HttpRoute): 'function' | 'anonymous' {
  return auth === 'function' ? auth : 'anonymous';
}

function guard(route: HttpRoute, { door, guardHooks, log }: Services): HttpHandler {
  switch (route.auth) {
    case 'function':
      return createHttpHandler(guardHooks(route.handle), log);
    case 'anonymous':
      return createHttpHandler(route.handle, log);
    default:
      return createHttpHandler(serveClients(route.handle, route.auth, door), log, (request) =>
        door.corsHeaders(request),
      );
  }
}
