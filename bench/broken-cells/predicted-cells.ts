// Predicts cells with the commands of a user: `plimsoll size`, then `plimsoll blast-radius`.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlastRadiusDocument, type BlastRadius } from '../../core/documents/blast-radius.ts';
import { ClusterPlans, type ClusterPlan } from '../../core/documents/cluster-plan.ts';
import { AppError } from '../../core/errors.ts';
import type { BenchIo } from '../bench.ts';
import { runPlimsoll } from '../plimsoll-command.ts';
import type { CellFigures } from './cell-figures.ts';
import { catalogue, downSeconds, startSeconds, type Cell, type CellLab } from './cells.ts';

/** Speed of a group of Java clients relative to the planned peak: more than the network can deliver. */
const consumerSpeed = 20;

export interface LabPrediction {
  plan: ClusterPlan;
  figuresOf(cell: Cell): CellFigures;
}

/** @param folder folder of the files that the commands read */
export async function predictCells(
  lab: CellLab,
  folder: string,
  io: Pick<BenchIo, 'stderr' | 'signal'>,
): Promise<LabPrediction> {
  await mkdir(folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  await writeFile(path('catalogue.yaml'), JSON.stringify(catalogue));
  await writeFile(path('domains.yaml'), JSON.stringify(lab.domainsFile));
  const plans = ClusterPlans.parse(JSON.parse(await runPlimsoll(['size', path('domains.yaml'), '--json'], io)));
  const [made] = plans.clusters;
  if (made === undefined) throw new AppError('run-failed', `nothing was planned for ${lab.broker}`);
  const plan = withPeak(made, lab.peakTps);
  await writeFile(path('plan.json'), JSON.stringify({ ...plans, clusters: [plan] }));
  await writeFile(path('levels.csv'), curveOf(lab.levels));
  const words = ['blast-radius', path('plan.json'), '--curve', path('levels.csv'), '--unthrottled', '--json'];
  const lasting = ['--for', `${downSeconds + startSeconds}s`, '--consumer-speed', String(consumerSpeed)];
  const answer = BlastRadiusDocument.parse(JSON.parse(await runPlimsoll([...words, ...lasting], io, [0, 6])));
  const [radius] = answer.clusters;
  if (radius === undefined) throw new AppError('run-failed', `no cluster in the blast radius of ${lab.broker}`);
  return { plan, figuresOf: (cell) => predictedFigures(cell, { lab, plan, radius }) };
}

/** Returns the same cluster with a higher load than it was planned for. */
function withPeak(plan: ClusterPlan, peakTps: number): ClusterPlan {
  const planned = plan.domains.reduce((sum, { peakTps: { mid } }) => sum + mid, 0);
  const scaled = (tps: number) => (tps * peakTps) / planned;
  return {
    ...plan,
    domains: plan.domains.map((domain) => {
      const { low, mid, high } = domain.peakTps;
      return { ...domain, peakTps: { low: scaled(low), mid: scaled(mid), high: scaled(high) } };
    }),
  };
}

const hoursOfLevel = (levels: readonly number[]) => 24 / levels.length;

const curveOf = (levels: readonly number[]) =>
  `time,value\n${levels
    .map((level, index) => `${String(index * hoursOfLevel(levels)).padStart(2, '0')}:00,${level}\n`)
    .join('')}`;

function predictedFigures(
  { failure, tps, number }: Cell,
  { lab, plan, radius }: { lab: CellLab; plan: ClusterPlan; radius: BlastRadius },
): CellFigures {
  if (failure.kind === 'name-server') return nameServerFigures(radius);
  // Use the middle of the level's hours: the load is the same an hour before.
  const hour = Math.floor((lab.levels.indexOf(tps) + 0.5) * hoursOfLevel(lab.levels));
  // In the lab each broker is also a controller, and all brokers are equivalent.
  const place = failure.kind === 'broker' ? failure.brokers[0] : 0;
  const name = failure.kind === 'zone' ? failure.zone : plan.brokers[place ?? 0]?.host;
  const kind = failure.kind === 'zone' ? 'zone' : 'host';
  const found = radius.failures.find((each) => each.kind === kind && each.alike.includes(name ?? ''))?.hours[hour];
  if (found === undefined || Math.abs(found.offeredTps / tps - 1) > 1e-6) {
    throw new AppError('run-failed', `the blast radius has no cell ${number}: ${name} at ${tps} messages a second`);
  }
  const { domains, mostLagMessages, outsideSafeSeconds, normalAfterSeconds, electionSeconds, mostHeldMessages } = found;
  return {
    domains,
    mostLagMessages,
    outsideSafeSeconds,
    ...(normalAfterSeconds !== undefined && { normalAfterSeconds }),
    quietSeconds: electionSeconds,
    mostHeldMessages,
  };
}

function nameServerFigures({ notSimulated }: BlastRadius): CellFigures {
  const effect = notSimulated.find(({ kind }) => kind === 'name-server')?.effect;
  if (effect !== 'none-while-others-serve') throw new AppError('run-failed', `name servers: ${effect}`);
  return {
    domains: [],
    mostLagMessages: 0,
    outsideSafeSeconds: 0,
    normalAfterSeconds: 0,
    quietSeconds: 0,
    mostHeldMessages: 0,
  };
}
