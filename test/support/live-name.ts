// Reads the cluster name that brokers report, which confirms a change of a lab.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { confirmationText } from '../../brokers/cluster-id.ts';
import { ClusterConfig } from '../../brokers/config.ts';

export function liveNameOf({ configPath }: { configPath: string }): string {
  const { clusters } = parse(readFileSync(configPath, 'utf8')) as { clusters: { lab: unknown } };
  const { clusterId } = ClusterConfig.parse(clusters.lab);
  if (clusterId === undefined) throw new Error(`the lab wrote no clusterId into ${configPath}`);
  return confirmationText(clusterId);
}
