// Which days were asked for, and under which assumptions?

import { curveFromCsv } from '../../analyzer/planning/simulation/load-curve.ts';
import {
  restartSeconds,
  scenarioNames,
  type ScenarioName,
  type ScenarioTimes,
} from '../../analyzer/planning/simulation/outage.ts';
import type { SimulationChoices } from '../../analyzer/planning/simulation/planned-cluster.ts';
import { AppError } from '../../core/errors.ts';
import { Duration, Share } from '../../core/text/quantity.ts';
import type { CommandIo } from '../command.ts';
import { numberOption } from '../number-option.ts';
import { readText } from '../plan-file.ts';

export interface AskedSimulation {
  scenarios: readonly ScenarioName[];
  choices: SimulationChoices;
  /** What was said of times; the rest goes by the scenario and by the peak of the cluster. */
  times: Partial<ScenarioTimes>;
}

/** A group that stood still for ten minutes is back within half an hour, at the peak: what a plan keeps in reserve for it. */
export const plannedConsumerSpeed = 1 + 600 / 1800;

/** How long each lasts: a machine that is replaced or rebooted by hand, a restart, a bad release that is rolled back. */
const usualSeconds: Record<ScenarioName, number> = {
  calm: 0,
  'broker-lost': 1800,
  'zone-lost': 1800,
  'rolling-restart': 300,
  'slow-group': 600,
};

/** @throws AppError usage, config-unreadable */
export async function askedSimulation({ options, signal }: CommandIo): Promise<AskedSimulation> {
  const path = options['curve'];
  const curve = typeof path === 'string' ? curveFromCsv(await readText(path, 'usage', { signal }), path) : undefined;
  const consumerSpeed = numberOption(options, 'consumer-speed') ?? plannedConsumerSpeed;
  if (!(consumerSpeed > 1)) {
    throw new AppError(
      'usage',
      `--consumer-speed ${consumerSpeed}: groups that are no faster than the peak never catch up`,
      {
        hint: 'give a ratio over 1, such as 1.5',
      },
    );
  }
  const at = timeOfDay(options['at']);
  const lasts = durationOption(options['for']);
  const slowShare = shareOption(options['slow-to']);
  return {
    scenarios: scenariosOption(options['scenario']),
    choices: {
      world: worldOption(options['world']),
      consumerSpeed,
      isThrottled: options['unthrottled'] !== true,
      ...(curve && { curve }),
    },
    times: {
      ...(at !== undefined && { at }),
      ...(lasts !== undefined && { lasts }),
      ...(slowShare !== undefined && { slowShare }),
    },
  };
}

/**
 * At the peak, unless something else was asked for; a rolling restart begins early enough to end with the day.
 *
 * @param curve load of each minute, all domains of the cluster together
 */
export function timesOf(
  scenario: ScenarioName,
  { curve, machines }: { curve: Float64Array; machines: number },
  asked: Partial<ScenarioTimes>,
): ScenarioTimes {
  let peak = 0;
  for (const [minute, load] of curve.entries()) if (load > (curve[peak] ?? 0) * (1 + 1e-9)) peak = minute;
  const lasts = asked.lasts ?? usualSeconds[scenario];
  const latest = 60 * curve.length - restartSeconds(machines, lasts);
  const usual = scenario === 'rolling-restart' ? Math.max(0, Math.min(60 * peak, latest)) : 60 * peak;
  return { at: asked.at ?? usual, lasts, slowShare: asked.slowShare ?? 0 };
}

function scenariosOption(given: CommandIo['options'][string]): readonly ScenarioName[] {
  if (typeof given !== 'string') return scenarioNames;
  const known = scenarioNames.find((name) => name === given);
  if (known !== undefined) return [known];
  throw new AppError('usage', `--scenario: there is no ${JSON.stringify(given)}`, {
    hint: `there are ${scenarioNames.join(', ')}; without the option all of them are simulated`,
  });
}

function worldOption(given: CommandIo['options'][string]): SimulationChoices['world'] {
  if (given === undefined) return 'mid';
  if (given === 'low' || given === 'mid' || given === 'high') return given;
  throw new AppError('usage', `--world: ${JSON.stringify(given)} is none of low, mid and high`);
}

function timeOfDay(given: CommandIo['options'][string]): number | undefined {
  if (given === undefined) return undefined;
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(String(given)) ?? [];
  if (hour !== undefined && Number(hour) < 24 && Number(minute) < 60) return Number(hour) * 3600 + Number(minute) * 60;
  throw new AppError('usage', `--at: ${JSON.stringify(given)} is not a time of the day; write it like 20:00`);
}

function durationOption(given: CommandIo['options'][string]): number | undefined {
  if (given === undefined) return undefined;
  const { data, error } = Duration.safeParse(given);
  if (data !== undefined && data >= 1 && data <= 86_400) return data;
  throw new AppError('usage', `--for: ${error?.issues[0]?.message ?? 'give a second to a day'}`);
}

function shareOption(given: CommandIo['options'][string]): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  const { data, error } = Share.safeParse(Number.isFinite(number) ? number : given);
  if (data !== undefined && data < 1) return data;
  if (number === 0) return 0;
  throw new AppError('usage', `--slow-to: ${error?.issues[0]?.message ?? 'give less than the whole load'}`, {
    hint: 'write it like 0, 0.5 or 50%',
  });
}
