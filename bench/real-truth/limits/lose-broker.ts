// Grades a predicted safe maximum after the loss of a broker by stopping the broker.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { betweenRates, driveRates } from './drive-limit.ts';
import { runLimit, type LimitIo, type LimitSite } from './limit-run.ts';
import { readReported, type Reported } from './reported.ts';
import type { DrivenStep } from './read-step.ts';

export interface LossOutcome {
  lost: string;
  reported: Reported;
  /** Steps with all brokers, and then without the lost one. */
  before: DrivenStep[];
  after: DrivenStep[];
}

/** Shares of the expected limit with all brokers. */
const shares = [0.25, 0.4, 0.55, 0.7, 0.8];
/** Shares of the same limit after the loss: one loss may halve the limit, another may raise it. */
const sharesAfter = [0.2, 0.3, 0.4, 0.55, 0.75, 1, 1.35];

/** Three JVMs on two cores compile for this long; without it, cores would look saturated from the lowest step on. */
const warmUp = '25s';

export async function gradeLoss(site: LimitSite, io: LimitIo): Promise<LossOutcome> {
  const { expectedTps, loses } = site.setUp;
  if (loses === undefined) throw new AppError('unexpected', 'the set-up names no broker to lose');
  const steps = (name: string, of: readonly number[]) => {
    const rates = of.map((share) => share * expectedTps);
    return { name, rates, stepDuration: site.stepDuration, warmUp, isAnalysed: true };
  };
  const { bundle, steps: before } = await runLimit(site, steps('all-brokers', shares), io);
  // The measured rate ignores the cores, which brokers and load generator share, and so must the prediction.
  const policy = join(site.folder, 'policy.yaml');
  await writeFile(policy, JSON.stringify({ clusters: {}, analyzer: { policy: { cpu: '100%' } } }));
  const reported = await readReported(bundle, io, policy);
  const lost = await site.lab.lose(loses);
  const { steps: after } = await runLimit(site, steps('without-one', sharesAfter), io);
  after.push(...(await driveRates(site, 'drives', betweenRates(after), io)));
  return { lost, reported, before, after };
}
