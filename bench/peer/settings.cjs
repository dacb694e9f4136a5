/* Node-RED without editor or admin API. PEER_DISK=true: contexts are written to disk at every change, without a cache. */
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PEER_PORT),
  userDir: process.env.PEER_DIR,
  flowFile: process.env.PEER_FLOWS,
  httpAdminRoot: false,
  disableEditor: true,
  credentialSecret: false,
  logging: { console: { level: "error", metrics: false, audit: false } },
  contextStorage: process.env.PEER_DISK === "true" ? { default: { module: "localfilesystem", config: { cache: false } } } : { default: { module: "memory" } },
};
