// Measures the cost of one scrape for the exporter and the broker.

import { setTimeout } from 'node:timers/promises';
import { median, type BenchIo } from './bench.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';
import type { Contender } from './scrape-contenders.ts';

export interface Cost {
  wall: number;
  cpu: number;
  brokerCpu: number;
  resident: number;
  series: number;
  /** 0 if the exporter does not count them. */
  requests: number;
}

/** Scrapes once and returns the cost. */
export type CostMeter = () => Promise<Cost>;

/** The first scrapes of each contender connect and compile. */
const warmUps = 3;

/** @param broker pid of the broker */
export async function meterScrapes(
  contender: Contender,
  broker: number,
  { clock, signal }: Pick<BenchIo, 'clock' | 'signal'>,
): Promise<CostMeter> {
  let requestsBefore = 0;
  for (let count = 0; count < warmUps; count++) requestsBefore = (await contender.scrape(signal))().requests;
  return async () => {
    // Let brokers and runtimes finish cleanup of earlier work.
    await setTimeout(500, undefined, { signal });
    const [cpu, brokerCpu, began] = [cpuSecondsOf(contender.pid), cpuSecondsOf(broker), clock.monotonic()];
    const count = await contender.scrape(signal);
    const taken = {
      wall: clock.monotonic() - began,
      cpu: cpuSecondsOf(contender.pid) - cpu,
      brokerCpu: cpuSecondsOf(broker) - brokerCpu,
      resident: peakResidentBytesOf(contender.pid),
    };
    const { series, requests } = count();
    const cost = { ...taken, series, requests: requests - requestsBefore };
    requestsBefore = requests;
    return cost;
  };
}

/** @param costs at least one cost */
export function medianCost(costs: readonly Cost[]): Cost {
  const figure = (key: keyof Cost) => median(costs.map((cost) => cost[key]));
  return {
    wall: figure('wall'),
    cpu: figure('cpu'),
    brokerCpu: figure('brokerCpu'),
    resident: figure('resident'),
    series: figure('series'),
    requests: figure('requests'),
  };
}
