// Prints the current settings of a cluster that its verdict depends on.

import type { Caller } from '../../app/caller.ts';
import { fingerprintOf } from '../../analyzer/evidence/fingerprint.ts';
import { driverOf } from '../../brokers/registry.ts';
import { settingsSnapshotSchemaVersion, type SettingsSnapshot } from '../../core/documents/settings-snapshot.ts';
import { nodeText } from '../../core/text/quantity-text.ts';
import { stateFolder } from '../../core/user-folders.ts';
import type { BrokerCoverage } from '../../loadgen/guard/readiness.ts';
import { clusterOf } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../options.ts';
import { defineCommand, flag, printDocument } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { describedOnce } from '../../app/observe/read-once.ts';
import { readCluster } from '../../app/redline/recorded-cluster.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { defined } from '../../core/defined.ts';

export const getFingerprintCommand = defineCommand({
  options: {
    ...clusterOptions,
    json: flag('print one JSON document, for `plimsoll report --settings DOMAIN=FILE`'),
  },
  examples: [
    'plimsoll get fingerprint --cluster orders',
    'plimsoll get fingerprint --cluster orders --json > now.json',
  ],

  async run(io) {
    const snapshot = await readFingerprint(io);
    const colours = hasColours(io.stdout, io.environment);
    printDocument(io, snapshot, () =>
      renderTable(columnsOf(['SETTING', 'VALUE']), Object.entries(snapshot.fingerprint), { colours }),
    );
    const notices = io.options.json ? [] : snapshot.unread;
    for (const notice of notices) io.stderr.write(`not read: ${notice}\n`);
  },
});

async function readFingerprint(io: Caller): Promise<SettingsSnapshot> {
  const { clock, signal, environment } = io;
  const { name, config, hosts } = await clusterOf(io);
  await using opened = await driverOf(config).inspect(name, config, { signal });
  const inspector = describedOnce(opened);
  const cluster = await inspector.describe({ signal });
  const parts = { name, cluster: config, hosts, inspector, stateDirectory: stateFolder(environment), clock };
  const { recorded, seen, limits, unlisted } = await readCluster(parts, { signal });
  const { brokerVersion, settings } = recorded;
  return {
    schemaVersion: settingsSnapshotSchemaVersion,
    cluster: name,
    broker: cluster.kind,
    at: clock.now().toISOString(),
    fingerprint: fingerprintOf({
      id: name,
      cluster: name,
      broker: cluster.kind,
      workload: {},
      ...(brokerVersion !== undefined && { brokerVersion }),
      environment: {
        ...(cluster.clusterId !== undefined && { clusterId: cluster.clusterId }),
        hosts: recorded.hosts,
        brokers: [...cluster.brokers, ...unlisted.map((id) => ({ id, address: id }))].map(({ id, address }) =>
          defined({ id, address, host: seen.find(({ broker }) => broker === id)?.host }),
        ),
      },
      settings,
    }),
    unread: [
      ...unlisted.map((id) => `settings of ${nodeText(id)}: it holds replicas, but the cluster does not list it`),
      ...limits.unread,
      ...seen.flatMap(unreadOf),
    ],
  };
}

function unreadOf({ broker, host, jvm, trouble, reading }: BrokerCoverage): string[] {
  if (host === undefined) return [`machine and JVM of ${nodeText(broker)}: no host is configured`];
  if (trouble !== undefined) return [`machine and JVM of ${nodeText(broker)}: ${trouble}`];
  if (jvm !== undefined) return [];
  const reason = reading?.unread?.['processes'];
  return [
    `JVM of ${nodeText(broker)}: ${reason === undefined ? `its process was not found on ${host}` : `processes of ${host}: ${reason}`}`,
  ];
}
