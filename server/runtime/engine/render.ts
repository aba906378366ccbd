import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Ports } from '../ports.js';

const LOOPBACK = '127.0.0.1';

/**
 * The embedded server's configuration: all four services in one process on 127.0.0.1, one SQLite file that is synced on every
 * commit (a killed machine loses nothing that was acknowledged). It asks nobody who they are, therefore loopback only.
 */
export function renderEngineConfig(folder: string, ports: Ports): string {
  const store = {
    sql: {
      pluginName: 'sqlite',
      databaseName: join(folder, 'temporal.db'),
      connectAddr: 'localhost',
      connectProtocol: 'tcp',
      connectAttributes: { mode: 'rwc', cache: 'private', setup: 'true', journal_mode: 'wal', synchronous: '2', busy_timeout: '10000' },
      maxConns: 1,
      maxIdleConns: 1,
    },
  };
  const service = (grpcPort: number, membershipPort: number) => ({ rpc: { grpcPort, membershipPort, bindOnIP: LOOPBACK } });
  return stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'main',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { main: store, visibility: store },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: LOOPBACK } },
    services: {
      frontend: service(ports.frontend, ports.frontendRing),
      history: service(ports.history, ports.historyRing),
      matching: service(ports.matching, ports.matchingRing),
      worker: service(ports.system, ports.systemRing),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `${LOOPBACK}:${ports.frontend}` },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    dynamicConfigClient: { filepath: join(folder, 'dynamic.yaml'), pollInterval: '60s' },
  });
}

/**
 * Only what suits a single small server. No limit is raised: what runs here must run on an external cluster with its defaults.
 */
export function renderDynamicConfig(): string {
  return stringify({
    'matching.numTaskqueueReadPartitions': [{ value: 1 }],
    'matching.numTaskqueueWritePartitions': [{ value: 1 }],
  });
}
