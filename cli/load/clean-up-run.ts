// How is taken away what a killed run left on its cluster?

import { readRunDocument } from '../../analyzer/importers/bundle.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { clusterDigest } from '../../loadgen/bundle/resumption.ts';
import { cleanUp, madeBy, type CleanedUp } from '../../loadgen/clean-up.ts';

/**
 * @param clusterNamed gives the entry of the config file
 * @throws AppError run-missing, usage when the cluster is not the one the run was driven on
 */
export async function cleanUpRun(
  directory: string,
  clusterNamed: (name: string) => ClusterConfig,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
): Promise<CleanedUp> {
  const document = await readRunDocument(directory, signal);
  if (document.origin !== 'load-test' || document.resume === undefined) {
    throw new AppError('usage', `${directory} does not say what its run made on the cluster`, {
      hint: 'look for topics that bear the id of the run, and delete them with the tools of the broker',
    });
  }
  const config = clusterNamed(document.cluster);
  if (clusterDigest(JSON.parse(JSON.stringify(config))) !== document.resume.clusterDigest) {
    throw new AppError(
      'usage',
      `the config of cluster ${document.cluster} is not the one ${directory} was driven with`,
      {
        hint: 'give the config file of then with --config: a topic of the same name elsewhere is none of this run',
      },
    );
  }
  const driver = driverOf(config);
  await using inspector = await driver.inspect(document.cluster, config, { signal });
  await using admin = await driver.administer(document.cluster, config, { signal });
  // Awaited here, or what it asks with would be closed before it has begun.
  return await cleanUp(madeBy(document), { inspector, admin, clock }, { signal });
}
