// Serves the console: what anybody may read.
import type { RouteHandler } from '../route-handler.ts';
import { ConsoleFiles } from './console-files.ts';
import { createRuntimeConfigHandler } from './runtime-config.ts';

export interface ConsoleHandlersOptions {
  /** Where the build left its pages. */
  readonly folder: string;
  readonly bridgeUrl: string;
  /** Where pages take their offers to talk by WebRTC. */
  readonly voiceUrl: string | undefined;
  /** App Service signs people in. */
  readonly hasSignIn: boolean;
}

export type ConsoleHandlers = ReturnType<typeof createConsoleHandlers>;

export function createConsoleHandlers({ folder, bridgeUrl, voiceUrl, hasSignIn }: ConsoleHandlersOptions) {
  const voice = voiceUrl === undefined ? [] : [new URL(voiceUrl).origin];
  const files = new ConsoleFiles({ folder, connectsTo: [bridgeUrl, bridgeUrl.replace(/^ws/, 'http'), ...voice] });
  const signIn = { signInUrl: '/.auth/login/aad?post_login_redirect_uri=/', signOutUrl: '/.auth/logout' };
  return {
    page: files.page,
    file: files.file,
    settings: createRuntimeConfigHandler({ bridgeUrl, ...(hasSignIn && signIn) }),
  } satisfies Record<string, RouteHandler>;
}
