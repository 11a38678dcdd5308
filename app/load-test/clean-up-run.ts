// Deletes what a killed run left on its cluster, after confirmation of the list.

import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { AppError } from '../../core/errors.ts';
import { preparedFile, type RunDocument } from '../../core/documents/run-bundle.ts';
import { clusterDigest } from '../../loadgen/record/bundle/resumption.ts';
import { defaultPrefix } from '../../loadgen/plan/run-name-prefix.ts';
import { cleanUp, foreignTo, madeBy, stillThere, type CleanedUp } from '../../loadgen/execute/clean-up.ts';
import { type Caller, lineWriter } from '../caller.ts';
import { verifyCluster } from '../observe/named-cluster.ts';
import { refuseActive } from './resumed-run.ts';

/**
 * @param clusterNamed returns the entry of the config file
 * @throws AppError run-missing; usage if the cluster is not that of the run, if the bundle names objects that no load test
 * may create there, or without confirmation
 */
export async function cleanUpRun(
  directory: string,
  clusterNamed: (name: string) => ClusterConfig,
  io: Pick<Caller, 'signal' | 'clock' | 'confirm' | 'stderr'>,
): Promise<CleanedUp> {
  const { signal, clock } = io;
  const document = await readBegun(directory, signal);
  if (document.origin !== 'load-test' || document.resume === undefined) {
    throw new AppError('usage', `${directory} does not record what its run created on the cluster`, {
      hint: 'look for topics with the run id in their name, and delete them with the tools of the broker',
    });
  }
  const refusal = {
    consequence: 'nothing was deleted',
    hint: `\`plimsoll stop ${directory}\` ends it, and then it deletes what it created`,
  };
  await refuseActive(directory, refusal);
  const config = clusterNamed(document.cluster);
  if (clusterDigest(JSON.parse(JSON.stringify(config))) !== document.resume.clusterDigest) {
    throw new AppError(
      'usage',
      `the config of cluster ${document.cluster} is not the one that ${directory} was recorded with`,
      {
        hint: 'give the config file of that run with --config: a topic with this name on another cluster does not belong to the run',
      },
    );
  }
  const made = madeBy(document);
  const prefix = config.loadTest?.topicPrefix ?? defaultPrefix;
  const foreign = foreignTo(made, prefix);
  if (foreign !== undefined) {
    throw new AppError(
      'usage',
      `${directory} names ${foreign}, and load tests of cluster ${document.cluster} only create names that begin with ${prefix}: nothing was deleted`,
      { hint: 'is run.json the one that the run wrote?' },
    );
  }
  const typed = await verifyCluster({ name: document.cluster, config }, { signal, options: {} });
  const driver = driverOf(config);
  await using inspector = await driver.inspect(document.cluster, config, { signal });
  const found = await stillThere(made, inspector, { signal });
  if (found.topics.length + found.groups.length === 0) return { deleted: { topics: [], groups: [] }, left: [] };
  await confirmList(found, { cluster: document.cluster, typed }, io);
  await using admin = await driver.administer(document.cluster, config, { signal });
  // Awaited here, because its resources are closed on return.
  return await cleanUp(found, { admin, clock }, { signal });
}

/** Prints the list before the confirmation, so that it is also shown without a terminal. @throws AppError usage without consent */
export async function confirmList(
  { topics, groups }: Pick<CleanedUp['deleted'], 'topics' | 'groups'>,
  { cluster, typed }: { cluster: string; typed: string },
  io: Pick<Caller, 'confirm' | 'stderr'>,
): Promise<void> {
  const tell = lineWriter(io);
  tell(`to be deleted from cluster ${cluster}:`);
  for (const name of topics) tell(`  topic ${name}`);
  for (const name of groups) tell(`  group ${name}`);
  await io.confirm(typed, 'Confirm only if the `plimsoll run` that created them has ended.');
}

/** A run killed during topic creation has no run.json. @throws the fault of run.json if there is neither file */
async function readBegun(directory: string, signal: AbortSignal): Promise<RunDocument> {
  const isMissing = (cause: unknown) => cause instanceof AppError && cause.code === 'run-missing';
  try {
    return await readRunDocument(directory, signal);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    return await readRunDocument(directory, signal, preparedFile).catch((other: unknown) => {
      throw isMissing(other) ? cause : other;
    });
  }
}
