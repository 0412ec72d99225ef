// Keeps the telemetry library on this machine: it would ask the cloud's metadata service where it is, and tell its makers how it is used.

/** As on Container Apps: there it does not look any further. */
const platform = {
  CONTAINER_APP_NAME: 'parley-local',
  CONTAINER_APP_REVISION: 'local',
  CONTAINER_APP_HOSTNAME: 'localhost',
  CONTAINER_APP_ENV_DNS_SUFFIX: 'localhost',
  CONTAINER_APP_PORT: '8080',
  CONTAINER_APP_REPLICA_NAME: 'parley-local-1',
};
const quiet = { APPLICATION_INSIGHTS_NO_STATSBEAT: 'true', APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true' };

/** Before the library is loaded, which reads it from its process alone. */
export function quietenLibrary(): void {
  Object.assign(process.env, platform, quiet);
}
