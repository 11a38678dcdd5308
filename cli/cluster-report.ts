// Runs a command that reads a cluster and prints one report.

import { clusterOf } from '../app/observe/named-cluster.ts';
import type { MaskRule } from '../app/config/service.ts';
import { driverOf } from '../brokers/registry.ts';
import { refusalIn } from '../brokers/broker-answers.ts';
import type { ClusterConfig } from '../brokers/config.ts';
import type { ClusterInspector } from '../brokers/driver.ts';
import type { ClusterLookup } from '../brokers/lookup.ts';
import { AppError } from '../core/errors.ts';
import { clusterOptions } from './options.ts';
import { hasColours } from './command-line.ts';
import { type CommandIo, flag, printReport, type Report } from './command.ts';

/** @param members of the document, such as `topic, partitions` */
export const reportOptions = (members: string) => ({
  ...clusterOptions,
  json: flag(`print one JSON document: { schemaVersion, ${members}, notices }`),
});

/** Opened on first use; closed with the command. */
interface ReadCluster {
  name: string;
  config: ClusterConfig;
  /** Rules for hiding message content. */
  masks: readonly MaskRule[];
  colours: boolean;
  inspect(): Promise<ClusterInspector>;
  lookUp(): Promise<ClusterLookup>;
}

/**
 * @param report resolves to undefined if it printed everything itself
 * @throws AppError of finding and reading the cluster
 */
export async function reportOn(
  io: Pick<CommandIo, 'options' | 'stdout' | 'stderr' | 'signal' | 'environment'>,
  report: (cluster: ReadCluster) => Promise<Report | undefined>,
): Promise<void> {
  const { name, config, masks = [] } = await clusterOf(io);
  const driver = driverOf(config);
  await using opened = new AsyncDisposableStack();
  const cluster: ReadCluster = {
    name,
    config,
    masks,
    colours: hasColours(io.stdout, io.environment),
    inspect: async () => readable(opened.use(await driver.inspect(name, config, io))),
    lookUp: async () => opened.use(await driver.lookUp(name, config, io)),
  };
  const made = await report(cluster);
  if (made !== undefined) printReport(io, made);
}

/** An empty table is no answer where every broker refused. @throws AppError credentials-refused, from `snapshot` */
export function readable(inspector: ClusterInspector): ClusterInspector {
  return {
    ...inspector,
    async snapshot(io, wanted) {
      const snapshot = await inspector.snapshot(io, wanted);
      const refusal = refusalIn(snapshot.sections);
      if (refusal?.reason !== undefined)
        throw new AppError('credentials-refused', refusal.reason, { hint: refusal.hint });
      return snapshot;
    },
  };
}
