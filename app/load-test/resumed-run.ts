// Reads the run to resume and its cluster from the bundle, and compares the cluster with the config file.

import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { clusterDigest, readResumption, type Resumption } from '../../loadgen/record/bundle/resumption.ts';
import { createPlan, type RunPlan } from '../../loadgen/plan/plan.ts';
import { restOf } from '../../loadgen/plan/planned-amount.ts';
import { storedCriteria, storedWorkload } from '../../loadgen/plan/stored-workload.ts';
import { hasShareLists } from '../../loadgen/plan/workload/message-spec-of.ts';
import { codecOf } from './read-workload.ts';
import { bundleClaim, claimedFault } from '../../loadgen/execute/control/bundle-claim.ts';

/** Finds the cluster of `--cluster` in the config file. */
type FindCluster = (name: string) => { name: string; config: { broker: BrokerKind } };

/**
 * @throws AppError run-missing, run-unreadable, run-newer-schema if it is not a bundle; run-complete; usage while the run
 * is active, and if the cluster has changed
 */
export async function resumedRun(
  directory: string,
  findCluster: FindCluster,
  policy: Policy,
  { signal }: { signal: AbortSignal },
): Promise<{ plan: RunPlan; resumption: Resumption }> {
  const document = await readRunDocument(directory, signal);
  const refusal = {
    consequence: 'it cannot be resumed',
    hint: `\`plimsoll stop ${directory}\` ends it; what is left of it can be resumed then`,
  };
  await refuseActive(directory, refusal);
  const { name, config: cluster } = findCluster(document.cluster);
  const resumption = await readResumption(directory, document, { signal });
  const { workload } = resumption;
  const { resume, id } = resumption.document;
  const config = JSON.parse(JSON.stringify(cluster)) as unknown;
  if (resume?.clusterDigest !== clusterDigest(config)) {
    throw new AppError('usage', `clusters.${name} of the config file has changed since run ${id} started`, {
      hint: 'restore the entry, or start a new run',
    });
  }
  if (hasShareLists(workload)) {
    throw new AppError('usage', `run ${id} cannot be resumed: the shares of its topics change from step to step`, {
      hint: 'start a new run',
    });
  }
  const plan = createPlan({
    id,
    directory,
    cluster: { name, broker: cluster.broker, config },
    workload,
    ...(await codecOf(workload, cluster.broker)),
    keepTopic: resume.keepTopic,
    loadTest: resumption.document.loadTest,
    policy,
    criteria: storedCriteria(resumption.document),
    attempt: resumption.attempt,
  });
  const topic = { ...plan.topic, own: resume.ownTopics };
  const acceptBlind = resume.acceptBlind === true;
  return { plan: { ...plan, topic, acceptBlind, ...restOf(plan, resumption) }, resumption };
}

/** For a hint: checks neither cluster nor progress. @throws AppError run-missing, run-unreadable, run-newer-schema */
export async function isResumable(directory: string, { signal }: { signal: AbortSignal }): Promise<boolean> {
  const document = await readRunDocument(directory, signal);
  if (document.origin !== 'load-test' || document.rehearsal !== undefined) return false;
  const workload = storedWorkload(document);
  return workload !== undefined && !hasShareLists(workload);
}

/**
 * @param refusal what is refused during the run, and the remedy
 * @throws AppError usage while it runs, and if that is unknown
 */
export async function refuseActive(directory: string, refusal: { consequence: string; hint: string }): Promise<void> {
  const claim = await bundleClaim(directory);
  if (claim.kind === 'running' || claim.kind === 'unknown') throw claimedFault(directory, claim, refusal);
}
