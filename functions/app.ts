// Registers every route and trigger with the Functions runtime.

import type { HttpHandler } from '@azure/functions';
import { app } from '@azure/functions';
import type { HttpRoute } from './http-route.ts';
import { createHttpHandler, type RouteHandler, serveClients } from './route-handler.ts';
import { createEventGridRoutes, createHttpRoutes, createTimerRoutes } from './routes.ts';
import type { Services } from './services.ts';
import { keepTrace } from './telemetry/invocation-trace.ts';

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
  app.hook.preInvocation(keepTrace);
  app.hook.appTerminate(() => services.close());
}

/** Azure's host knows nothing of roles and of who signed in: what is the API's door's to decide it lets through. */
function findLevel({ auth }: HttpRoute): 'function' | 'anonymous' {
  return auth === 'function' ? auth : 'anonymous';
}

function guard(route: HttpRoute, { door, guardHooks, refusals, log }: Services): HttpHandler {
  const watch = (handle: RouteHandler) => refusals.watch(route.name, handle);
  switch (route.auth) {
    case 'function':
      return createHttpHandler(watch(guardHooks(route.handle)), log);
    case 'anonymous':
      return createHttpHandler(watch(route.handle), log);
    default:
      return createHttpHandler(watch(serveClients(route.handle, route.auth, door)), log, (request) =>
        door.corsHeaders(request),
      );
  }
}
