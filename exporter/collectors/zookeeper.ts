// Exports the state of a cluster's ZooKeeper servers.

import type { ZooKeeperServer } from '../../brokers/kafka/zookeeper/monitor.ts';
import { ok, allKnown, type ClusterCollector, labelled, type Measurement } from '../collector.ts';

const { gauge, counter } = labelled('server');
const ofMntr = 'Absent where the server allows srvr only.';

export const zooKeeper = {
  of: 'kafka',
  source: 'mntr of each server named by `zookeeper`, else srvr, or `/commands/monitor` of its admin server',
  cost: '1 to 2 words per server',
  metrics: {
    zookeeper_server_state: labelled('server', 'state').flag('1 for the state the server is in, 0 for the others.'),
    zookeeper_latency_average_seconds: gauge(
      'Mean time requests took since the server started or its statistics were reset.',
    ),
    zookeeper_latency_max_seconds: gauge(
      'Longest time a request took since the server started or its statistics were reset.',
    ),
    zookeeper_outstanding_requests: gauge('Requests that wait.', 'requests'),
    zookeeper_connections: gauge('Clients connected.', 'connections'),
    zookeeper_watches: gauge(`Watches clients have set. ${ofMntr}`, 'watches'),
    zookeeper_znodes: gauge('Nodes of the tree.', 'znodes'),
    zookeeper_expired_sessions_total: counter(
      `Sessions that expired, such as those of brokers that did not answer in time. ${ofMntr} ZooKeeper 3.6 and later.`,
    ),
    zookeeper_followers: gauge(
      `Followers of the leader, reported by the leader only. ${ofMntr} Before ZooKeeper 3.6 also absent unless every server is configured and answers.`,
      'servers',
    ),
    zookeeper_synced_followers: gauge(
      `Followers that are in sync with the leader, reported by the leader only. ${ofMntr}`,
      'servers',
    ),
  },

  collect({ snapshot: { kafka, sections } }) {
    const configured = sections.filter(({ section }) => section === 'zookeeper').length;
    const servers = kafka?.zooKeeper ?? [];
    if (configured > 0 && servers.length === 0) return { kind: 'no-data', reason: 'no server answered' };
    const observers = servers.filter(({ state }) => state === 'observer').length;
    return ok(
      servers.flatMap((server) => [
        ...figuresOf(server, followersOf(server, { answering: servers.length, observers })),
      ]),
    );
  },
} satisfies ClusterCollector;

const states = ['leader', 'follower', 'observer', 'standalone', 'read-only'];

/** @returns undefined if the leader counts observers as followers, and one may be unconfigured or silent */
function followersOf(
  { followers, learners }: ZooKeeperServer,
  { answering, observers }: { answering: number; observers: number },
): number | undefined {
  if (followers !== undefined || learners === undefined || learners >= answering) return followers;
  return learners - observers;
}

function* figuresOf(server: ZooKeeperServer, followers: number | undefined): Iterable<Measurement> {
  const { address, state } = server;
  if (state !== undefined) {
    for (const each of new Set([...states, state])) {
      yield { metric: 'zookeeper_server_state', labels: [address, each], value: Number(each === state) };
    }
  }
  const seconds = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : milliseconds / 1000);
  yield* allKnown([address], {
    zookeeper_latency_average_seconds: seconds(server.averageLatencyMs),
    zookeeper_latency_max_seconds: seconds(server.maximumLatencyMs),
    zookeeper_outstanding_requests: server.outstandingRequests,
    zookeeper_connections: server.connections,
    zookeeper_watches: server.watches,
    zookeeper_znodes: server.znodes,
    zookeeper_expired_sessions_total: server.expiredSessions,
    zookeeper_followers: followers,
    zookeeper_synced_followers: server.syncedFollowers,
  });
}
