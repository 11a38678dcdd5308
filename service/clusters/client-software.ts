// Reads names and versions of the clients of a Kafka cluster from the monitoring system.

import { withClusterSelected } from '../../analyzer/evidence/sources/cluster-in-select.ts';
import { clusterLabels } from '../../analyzer/evidence/sources/expression.ts';
import { queryNow } from '../../analyzer/evidence/sources/prometheus-query.ts';
import { clusterOf } from '../../analyzer/evidence/sources/targets.ts';
import type { SourceQuery } from '../../dashboards/web/chart-tools.ts';
import type { ClientSoftware } from '../../dashboards/web/cluster/producers-page.ts';
import type { TrafficQuestion } from './past-traffic.ts';
import { sourceQuery } from './source-query.ts';

/*
 * Clients send their name and version since Kafka 2.4 (KIP-511). The rules popularized by Strimzi's examples produce
 *   kafka_server_socket_server_metrics_connections_software{clientSoftwareName, clientSoftwareVersion, listener, networkProcessor}
 * with label names in lower case if the exporter is configured so.
 */
const metric = 'kafka_server_socket_server_metrics_connections_software';
const labels = ['clientSoftwareName', 'clientSoftwareVersion', 'clientsoftwarename', 'clientsoftwareversion'];
const freshWithinSeconds = 300;
/** Each release of each client is one row, and a longer page would not be read. */
const mostRows = 100;

/** @throws AppError prometheus-refused, credentials-refused, usage */
export async function readClientSoftware(
  { source, cluster }: Pick<TrafficQuestion, 'source' | 'cluster'>,
  io: { signal: AbortSignal },
): Promise<{ rows: ClientSoftware[]; query: SourceQuery }> {
  const selected = withClusterSelected(source, cluster);
  const by = [...labels, ...clusterLabels].join(', ');
  const expression = `sum by (${by}) (${metric}{${selected.select.brokers ?? ''}}) > 0`;
  const samples = await queryNow(selected, { expression, freshWithinSeconds }, io);
  const reportedClusters = new Set(samples.flatMap((sample) => clusterOf(sample.labels) ?? []));
  const rows = samples
    .filter((sample) => !reportedClusters.has(cluster) || clusterOf(sample.labels) === cluster)
    .map(({ labels: own, value }) => ({
      name: own['clientSoftwareName'] ?? own['clientsoftwarename'] ?? '',
      version: own['clientSoftwareVersion'] ?? own['clientsoftwareversion'] ?? '',
      connections: value,
    }))
    .toSorted((one, other) => other.connections - one.connections);
  return { rows: rows.slice(0, mostRows), query: sourceQuery(selected, expression) };
}
