// Reads the workload file, the files it refers to, and the options that override it.

import { dirname } from 'node:path';
import { packedSizeOf, type PackedSize } from '../../brokers/packed-size.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError } from '../../core/errors.ts';
import { completeWorkload, WorkloadFile, type Workload } from '../../loadgen/plan/workload.ts';
import { driverCodec } from '../../loadgen/plan/workload/broker-fit.ts';
import { readWorkloadFiles } from '../../loadgen/plan/workload/read-files.ts';
import type { RunRequest } from './run-request.ts';

/** @throws AppError config-unreadable, workload-invalid */
export async function readWorkload(
  { workload: file, values = {} }: Pick<RunRequest, 'workload' | 'values'>,
  { signal }: { signal: AbortSignal },
): Promise<Workload> {
  return completeWorkload(file === undefined ? undefined : await loadWorkload(file, signal), values);
}

/** @returns a codec to determine message content for the requested compression ratio; undefined if none is requested */
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
