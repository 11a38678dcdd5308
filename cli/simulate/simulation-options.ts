// Declares the options of plan simulations, and reads the plan, policy and assumptions they name.

import { z } from 'zod';
import { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import { curveFromCsv } from '../../analyzer/planning/simulation/load-curve.ts';
import { restartSeconds, type ScenarioTimes } from '../../analyzer/planning/simulation/outage.ts';
import { scenarioNames, type ScenarioName } from '../../core/documents/simulation.ts';
import { plannedConsumerSpeed, type SimulationChoices } from '../../analyzer/planning/simulation/planned-cluster.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { Duration, Share } from '../../core/text/quantity.ts';
import { amount, choice, flag, type IoOf, oneWord, option, text } from '../command.ts';
import { policyOf, policyOption } from '../options.ts';
import { chosenClusters, readPlanFile } from '../../app/planning/plan-file.ts';
import { proposedClusters } from '../../app/planning/proposed-clusters.ts';
import { defined } from '../../core/defined.ts';
import { readBounded } from '../../app/files/read-bounded.ts';

/** Default durations: a machine that is replaced or rebooted manually, a restart, a bad release that is rolled back. */
export const usualSeconds: Record<ScenarioName, number> = {
  calm: 0,
  'broker-lost': 1800,
  'zone-lost': 1800,
  'rolling-restart': 300,
  'slow-group': 600,
};

const TimeOfDay = z.string().transform((typed, context) => {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(typed) ?? [];
  if (hour !== undefined && Number(hour) < 24 && Number(minute) < 60) return Number(hour) * 3600 + Number(minute) * 60;
  context.addIssue(`${JSON.stringify(typed)} is not a time of the day; write it like 20:00`);
  return z.NEVER;
});

const SlowShare = z.string().transform((typed, context) => {
  const number = Number(typed);
  if (number === 0) return 0;
  const { data, error } = Share.safeParse(Number.isFinite(number) ? number : typed);
  if (data !== undefined && data < 1) return data;
  context.addIssue(error?.issues[0]?.message ?? 'give less than 100%');
  return z.NEVER;
});

const Lasting = Duration.refine((time) => time >= 1 && time <= 86_400, { error: 'give 1s to 1d' });

/** For every simulation of a plan. */
export const planOptions = {
  cluster: text('NAME', 'one cluster of the plan (default all)'),
  proposed: flag('simulate the plan under `proposed`, not the computed one'),
  for: option('TIME', 'duration of the failure (default 30m)', Lasting.optional()),
  curve: text(
    'FILE.csv',
    'load of a day as time,value; its highest value is the planned peak (default dayCurve of the domains, or a usual day)',
  ),
  demand: {
    ...option(
      'NAME',
      'low, mid or high end of the planned peak (default mid)',
      choice(['low', 'mid', 'high']).default('mid'),
    ),
    formerly: 'world',
  },
  'consumer-speed': option(
    'RATIO',
    'highest rate of a group over its rate at the planned peak (default 1.33, as in plans)',
    amount((speed) => speed > 1, 'above 1: groups that are no faster than the peak never catch up').default(
      plannedConsumerSpeed,
    ),
    { hint: 'give a ratio over 1, such as 1.5' },
  ),
  unthrottled: flag('a returning broker copies as fast as its network card allows, not within the policy'),
  domains: text('FILE', 'domains file with the policy of the plan'),
  config: policyOption,
  json: flag('print one JSON document'),
};

export const simulationOptions = {
  ...planOptions,
  scenario: option(
    'NAME',
    'calm, broker-lost, zone-lost, rolling-restart or slow-group (default all that are possible)',
    choice(scenarioNames).optional(),
  ),
  at: option('HH:MM', 'time of the fault (default at the peak)', TimeOfDay.optional()),
  for: option('TIME', 'duration of the fault (default 30m; each restart 5m; slow group 10m)', Lasting.optional()),
  'slow-to': option('SHARE', 'share of its load that the slow group consumes (default 0)', SlowShare.optional(), {
    hint: 'write it like 0, 0.5 or 50%',
  }),
  json: flag('print one JSON document; of one cluster and scenario with each minute'),
};

type PlanIo = IoOf<typeof planOptions>;

/** @throws AppError usage without a plan; plan-unreadable, config-unreadable and not-found for its files */
export async function clustersOf(io: PlanIo, command: string) {
  const path = oneWord(io, command, 'a plan that `plimsoll size --json` wrote');
  const { domains, cluster, proposed } = io.options;
  const own = domains === undefined ? {} : (await loadConfigFile(domains, DomainsFile, io)).policy;
  const policy = sizingPolicy(await policyOf(io), own);
  const plans = await readPlanFile(path, io);
  return { clusters: proposed ? proposedClusters(plans, policy) : chosenClusters(plans, cluster), policy };
}

/** @throws AppError usage */
export async function choicesOf({
  options: { curve: path, demand: world, 'consumer-speed': consumerSpeed, unthrottled },
  signal,
}: Pick<PlanIo, 'options' | 'signal'>): Promise<SimulationChoices> {
  const curve =
    path === undefined ? undefined : curveFromCsv(await readBounded(path, { signal }, { fault: 'usage' }), path);
  return { world, consumerSpeed, isThrottled: !unthrottled, ...(curve && { curve }) };
}

/** @throws AppError usage, config-unreadable */
export async function requestedSimulation(io: IoOf<typeof simulationOptions>) {
  const { scenario, at, for: lasts, 'slow-to': slowShare } = io.options;
  return {
    scenarios: scenario === undefined ? scenarioNames : [scenario],
    choices: await choicesOf(io),
    // The other times follow from the scenario and from the peak of the cluster.
    times: defined({ at, lasts, slowShare }),
  };
}

/**
 * At the peak by default; a rolling restart begins early enough to end before midnight.
 *
 * @param curve load of each minute, summed over the domains of the scenario
 */
export function timesOf(
  scenario: ScenarioName,
  { curve, machines }: { curve: Float64Array; machines: number },
  requested: Partial<ScenarioTimes>,
): ScenarioTimes {
  let peak = 0;
  for (const [minute, load] of curve.entries()) if (load > (curve[peak] ?? 0) * (1 + 1e-9)) peak = minute;
  const lasts = requested.lasts ?? usualSeconds[scenario];
  const latest = 60 * curve.length - restartSeconds(machines, lasts);
  const usual = scenario === 'rolling-restart' ? Math.max(0, Math.min(60 * peak, latest)) : 60 * peak;
  return { at: requested.at ?? usual, lasts, slowShare: requested.slowShare ?? 0 };
}
