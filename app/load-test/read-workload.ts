// Reads the workload file, the files it names, and the options that replace what it says.

import { dirname } from 'node:path';
import { packedSizeOf, type PackedSize } from '../../brokers/packed-size.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError } from '../../core/errors.ts';
import { completeWorkload, WorkloadFile, type Workload } from '../../loadgen/plan/workload.ts';
import { driverCodec } from '../../loadgen/plan/workload/broker-fit.ts';
import { readWorkloadFiles } from '../../loadgen/plan/workload/read-files.ts';
import { workloadValues, type RunIo } from '../../cli/load/run-options.ts';

/** @throws AppError usage, config-unreadable, workload-invalid */
export async function askedWorkload({ positionals, options, signal }: RunIo): Promise<Workload> {
  const [word, another] = positionals;
  const named = options.workload;
  if (another !== undefined || (word !== undefined && named !== undefined)) {
    throw new AppError('usage', `two workload files given: ${word} and ${another ?? named}`);
  }
  const file = word ?? named;
  return completeWorkload(file === undefined ? undefined : await loadWorkload(file, signal), workloadValues(options));
}

/** @returns what a plan finds the asked compression ratio with; nothing where none is asked for */
export async function codecOf(
  { compression, compressionRatio }: Workload,
  broker: BrokerKind,
): Promise<{ packedSize?: PackedSize }> {
  if (compressionRatio === undefined) return {};
  return { packedSize: await packedSizeOf(broker, driverCodec(compression)) };
}

async function loadWorkload(file: string, signal: AbortSignal): Promise<WorkloadFile> {
  try {
    const workload = await loadConfigFile(file, WorkloadFile, { signal });
    return await readWorkloadFiles(workload, dirname(file), { signal });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, cause = error } = error;
    if (code === 'config-invalid') throw new AppError('workload-invalid', message, { cause });
    if (code !== 'config-unreadable') throw error;
    throw new AppError(code, message, { cause, hint: 'name a workload file; examples/workloads/ has some' });
  }
}
