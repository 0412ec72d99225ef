// Keeps the telemetry library on this machine: it would ask the cloud's metadata service where it is, and tell its makers how it is used.

export const quietLibrary = {
  // As on App Service: there it does not look any further.
  WEBSITE_SITE_NAME: 'parley-local',
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
};

/** Before the library is loaded, which reads it from its process alone. */
export function quietenLibrary(): void {
  Object.assign(process.env, quietLibrary);
}
