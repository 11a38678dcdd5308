// Measures the load generator without a cluster for a workload, and caches the result for a day.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { faultOf, ignoreFault } from '../../core/errors.ts';
import { Calibration } from '../../core/documents/generator-calibration.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import { calibrate, whyNotCalibrated } from '../../loadgen/execute/calibration/calibrate.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { sendingOptionsOf } from '../../loadgen/plan/workload.ts';
import type { StartThread } from '../../loadgen/execute/workers/traffic-thread.ts';
import { replaceFile } from '../../core/files.ts';

export interface CalibrationRequest {
  plan: RunPlan;
  /** Value of the option; by default only for long runs. */
  wanted: boolean | undefined;
  brokers: number;
  /** For a search: its first rate. */
  startTps?: number;
  versions: Readonly<Record<string, string>>;
  startThread: StartThread;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  tell(text: string): void;
}

/** For a run of a minute, calibration takes a tenth of the time. */
const worthwhileSeconds = 60;
const freshMilliseconds = 86_400_000;
/** Share of a full event loop: a thread with less shared its core with other work, so its ceiling is not representative. */
const leastCpu = 0.3;

/** @returns undefined if not wanted or not possible, which is reported. @throws the signal's reason */
export async function calibrationOf(
  request: CalibrationRequest,
  io: { signal: AbortSignal },
): Promise<Calibration | undefined> {
  const { plan, wanted, environment, clock, tell } = request;
  if (!(wanted ?? (plan.search !== undefined || plan.durationSeconds > worthwhileSeconds))) return undefined;
  const obstacle = whyNotCalibrated(plan);
  if (obstacle !== undefined) {
    if (wanted === true) tell(`not calibrated: ${obstacle}`);
    return undefined;
  }
  const file = join(cacheFolder(environment), 'calibrations', `${keyOf(request)}.json`);
  const known = await readFresh(file, clock);
  if (known !== undefined) return known;
  tell('calibrating: the same workload against a broker that does nothing, about 6 s');
  try {
    const calibration = await calibrate(plan, request, io);
    await replaceFile(file, (draft) => draft.writeFile(JSON.stringify(calibration))).catch(
      ignoreFault('an unsaved calibration is measured again next time'),
    );
    return calibration;
  } catch (error) {
    // The run continues; only the generator's share in its figures is then unknown.
    tell(`not calibrated: ${faultOf(error, io).message}`);
    return undefined;
  }
}

/** Key of everything that affects a calibration: what is sent and how, on which machine, by which versions. */
export function keyOf({ plan, brokers, startTps, versions }: CalibrationRequest): string {
  const { workload, messageSpec, topic, cluster, steps } = plan;
  const { client } = cluster.config as { client?: unknown };
  const shape = {
    broker: cluster.broker,
    client,
    messageSpec,
    sending: sendingOptionsOf(workload),
    workers: workload.workers,
    topics: topic.names.length,
    partitions: topic.partitions,
    steps: steps.map(({ targetTps, lanes }) => ({ targetTps, lanes })),
    brokers,
    startTps,
    machine: [hostname(), cpus()[0]?.model, availableParallelism()],
    versions,
  };
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 32);
}

const isStarved = ({ ceiling: { workerCpu, eventLoopUtilisation } }: Calibration) =>
  workerCpu < leastCpu * eventLoopUtilisation;

/** @returns undefined if the file is missing, unreadable or a day old, or if a thread got too little of a core */
async function readFresh(file: string, clock: Clock): Promise<Calibration | undefined> {
  const text = (await readFile(file, 'utf8').catch(ignoreFault('without a saved calibration it is measured'))) ?? '';
  const age = (measuredAt: string) => clock.now().getTime() - Date.parse(measuredAt);
  const { data } = Calibration.safeParse(parseJson(text));
  return data !== undefined && age(data.measuredAt) >= 0 && age(data.measuredAt) < freshMilliseconds && !isStarved(data)
    ? data
    : undefined;
}
