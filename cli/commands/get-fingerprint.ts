// Prints the settings that a verdict of a cluster holds for, as they are now.

import type { Caller } from '../../app/caller.ts';
import { fingerprintOf } from '../../analyzer/evidence/fingerprint.ts';
import { driverOf } from '../../brokers/registry.ts';
import { settingsSnapshotSchemaVersion, type SettingsSnapshot } from '../../core/documents/settings-snapshot.ts';
import { exitCodes } from '../../core/errors.ts';
import { nodeText } from '../../core/text/quantity-text.ts';
import { stateFolder } from '../../core/user-folders.ts';
import type { BrokerCoverage } from '../../loadgen/guard/readiness.ts';
import { clusterOf } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../cluster-option.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../option.ts';
import { hasColours } from '../command-line.ts';
import { readBrokerLimits } from '../../app/load-test/broker-settings.ts';
import { lookAtBrokers } from '../../app/load-test/broker-coverage.ts';
import { describedOnce } from '../../app/observe/read-once.ts';
import { recordedSettings } from '../../app/load-test/recorded-settings.ts';
import { renderJson } from '../report.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export const getFingerprintCommand = defineCommand({
  name: 'get fingerprint',
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
    if (io.options.json) io.stdout.write(renderJson(snapshot));
    else {
      const columns = columnsOf(['SETTING', 'VALUE']);
      io.stdout.write(
        renderTable(columns, Object.entries(snapshot.fingerprint), { colours: hasColours(io.stdout, io.environment) }),
      );
      for (const notice of snapshot.unread) io.stderr.write(`not read: ${notice}\n`);
    }
    return exitCodes.answered;
  },
});

async function readFingerprint(io: Caller): Promise<SettingsSnapshot> {
  const { clock, signal, environment } = io;
  const { name, config, hosts } = await clusterOf(io);
  const driver = driverOf(config);
  await using opened = await driver.inspect(name, config, { signal });
  const inspector = describedOnce(opened);
  const cluster = await inspector.describe({ signal });
  const { brokers: seen } = await lookAtBrokers(
    { inspector, stated: config.brokers, hosts, stateDirectory: stateFolder(environment), clock },
    { signal },
  );
  await using lookup = await driver.lookUp(name, config, { signal });
  const limits = await readBrokerLimits(lookup, { signal });
  const inventories = new Map(seen.flatMap(({ inventory }) => (inventory ? [[inventory.host, inventory]] : [])));
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
      ...(cluster.version !== undefined && { brokerVersion: cluster.version }),
      environment: {
        ...(cluster.clusterId !== undefined && { clusterId: cluster.clusterId }),
        hosts: [...inventories.values()],
        brokers: cluster.brokers.map(({ id, address }) => {
          const host = seen.find(({ broker }) => broker === id)?.host;
          return { id, address, ...(host !== undefined && { host }) };
        }),
      },
      settings: recordedSettings({ processes: limits.processes, notices: limits.unread }, seen),
    }),
    unread: [...limits.unread, ...seen.flatMap(unreadOf)],
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
