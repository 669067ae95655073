import type { OwnServers } from './own-servers.js';

/** What the global setup leaves for the global teardown, which runs in the same process. */
export const shared: { servers?: OwnServers } = {};
