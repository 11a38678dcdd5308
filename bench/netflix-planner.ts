// Measures Netflix's service-capacity-modeling for one Kafka cluster, in the given Python.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Peer } from './bench.ts';

const name = "Netflix's planner";

/** 100 MiB/s in, two groups, 24 hours of retention; measures CPU time of the plan. The interval makes it simulate. */
const script = `
import sys, time, importlib.metadata
from service_capacity_modeling.capacity_planner import planner
from service_capacity_modeling.interface import *
rate = 100 * 1024 * 1024
desires = CapacityDesires(service_tier=1, query_pattern=QueryPattern(
    access_pattern=AccessPattern.throughput,
    estimated_read_per_second=Interval(low=1, mid=2, high=2, confidence=0.98),
    estimated_write_per_second=certain_int(1),
    estimated_mean_read_latency_ms=certain_float(1), estimated_mean_write_latency_ms=certain_float(1),
    estimated_mean_read_size_bytes=certain_int(2 * rate), estimated_mean_write_size_bytes=certain_int(rate)),
    data_shape=DataShape(estimated_state_size_gib=certain_int(100 * 86400 * 3 // 1024)))
started = time.process_time()
plan = planner.plan(model_name='org.netflix.kafka', region='us-east-1', num_results=1, simulations=int(sys.argv[1]),
    desires=desires, extra_model_arguments={'cluster_type': 'high-availability', 'retention': 'PT24H'})
seconds = time.process_time() - started
clusters = plan.least_regret[0].candidate_clusters
zone = clusters.zonal[0]
print(importlib.metadata.version('service-capacity-modeling'), seconds,
    f'{len(clusters.zonal)} x {zone.count} {zone.instance.name}, {clusters.total_annual_cost} dollars a year')
`;

/** @param python interpreter with the package: \`python3 -m venv V && V/bin/pip install service-capacity-modeling\` */
export async function netflixPlanner(
  python: string | undefined,
  worlds: number,
  signal: AbortSignal,
): Promise<{ peer: Peer; answer?: string }> {
  if (python === undefined)
    return { peer: { name, missing: 'no --netflix PYTHON that has service-capacity-modeling' } };
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', script, String(worlds)], { signal, timeout: 500_000 });
    const [version = '', seconds = '', ...answer] = stdout.trim().split(' ');
    return { peer: { name, version, value: Number(seconds) }, answer: answer.join(' ') };
  } catch (cause) {
    signal.throwIfAborted();
    return { peer: { name, missing: (cause as Error).message.split('\n').at(-2) ?? 'it failed' } };
  }
}
