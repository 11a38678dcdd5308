// Reads the files that a workload names, captures and rate curves, into the workload.

import { isAbsolute, resolve } from 'node:path';
import type { Io } from '../../../brokers/driver.ts';
import { CapturedTopic } from '../../../core/documents/captured-topic.ts';
import { AppError, faultAs } from '../../../core/errors.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import { readUpTo } from '../../../core/files.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { payloadHeaderBytes } from '../../delivery/payload-header.ts';
import { problemOf } from '../profiles/replay.ts';
import type { WorkloadFile } from '../workload.ts';
import type { CompressionRatio, MessageKeys, MessageSizes } from './message-options.ts';
import { invalid, parseCurve } from './rate-curve.ts';

/** A month of seconds in CSV is 60 MB; more points are useless for a load test. */
const largestFile = 128 * 2 ** 20;

/**
 * @param folder folder of the workload file, to which names are relative
 * @throws AppError workload-invalid, naming the file and its problem
 */
export async function readWorkloadFiles(workload: WorkloadFile, folder: string, io: Io): Promise<WorkloadFile> {
  const captures = new Map<string, Promise<CapturedTopic>>();
  const captureOf = (file: string) =>
    getOrMake(captures, file, () => readText(folder, file, io).then((text) => parseCapture(file, text)));
  const { messageSize, keys, compressionRatio, profile, mix } = workload;
  return {
    ...workload,
    ...(isCaptured(messageSize) && { messageSize: sizesOf(await captureOf(messageSize.histogram)) }),
    ...(isCaptured(keys) && { keys: keysOf(await captureOf(keys.histogram)) }),
    ...(isCaptured(compressionRatio) && {
      compressionRatio: ratioOf(await captureOf(compressionRatio.histogram), workload, compressionRatio.histogram),
    }),
    ...(mix && {
      mix: await Promise.all(
        mix.map(async (topic) => ({
          ...topic,
          ...(isCaptured(topic.messageSize) && { messageSize: sizesOf(await captureOf(topic.messageSize.histogram)) }),
          ...(isCaptured(topic.keys) && { keys: keysOf(await captureOf(topic.keys.histogram)) }),
        })),
      ),
    }),
    ...(profile?.kind === 'replay' &&
      profile.file !== undefined && { profile: await withPoints(profile, profile.file, folder, io) }),
  };
}

const isCaptured = (value: unknown): value is { histogram: string } =>
  typeof value === 'object' && value !== null && 'histogram' in value;

async function withPoints(
  { kind, factor, speed }: Extract<NonNullable<WorkloadFile['profile']>, { kind: 'replay' }>,
  file: string,
  folder: string,
  io: Io,
) {
  const points = parseCurve(file, await readText(folder, file, io));
  const problem = problemOf(points, speed);
  if (problem !== undefined) throw invalid(file, problem);
  return { kind, factor, speed, points };
}

async function readText(folder: string, file: string, { signal }: Io): Promise<string> {
  const path = isAbsolute(file) ? file : resolve(folder, file);
  try {
    const content = await readUpTo(path, largestFile, { signal });
    if (content.length > largestFile) throw invalid(file, `it has more than ${largestFile} bytes`);
    return content.toString('utf8');
  } catch (cause) {
    if (cause instanceof AppError || signal.aborted) throw cause;
    const hint = 'files named in a workload are looked for beside it';
    return faultAs('workload-invalid', `cannot read ${path}`, hint)(cause);
  }
}

function parseCapture(file: string, text: string): CapturedTopic {
  const written = parseJson(text);
  if (written === undefined) throw invalid(file, 'it is not JSON, and so not what `plimsoll capture` writes');
  const { data, error } = CapturedTopic.safeParse(written);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw invalid(file, `it is not what \`plimsoll capture\` writes: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** Messages of a run have a header, so smaller sizes are raised to the header size. */
function sizesOf({ sizes }: CapturedTopic): MessageSizes {
  return {
    bands: sizes
      .filter(({ count }) => count > 0)
      .map(({ from, to, count }) => ({
        from: Math.max(payloadHeaderBytes, from),
        to: Math.max(payloadHeaderBytes, to),
        weight: count,
      })),
  };
}

function keysOf({ keys, messages }: CapturedTopic): MessageKeys {
  if (keys === undefined) return 'none';
  const bands = keys.bands.filter((band) => band.keys > 0 && band.count > 0);
  const digits = String(bands.reduce((sum, band) => sum + band.keys, 0) - 1).length;
  return {
    kind: 'bands',
    size: Math.min(1024, Math.max(digits + 1, Math.round(keys.bytes))),
    bands: [
      ...bands.map((band) => ({ keys: band.keys, weight: band.count })),
      ...(messages > keys.messages ? [{ keys: 0, weight: messages - keys.messages }] : []),
    ],
  };
}

/** If compressed batches were not smaller than the originals, the messages count as random (ratio 1). */
function ratioOf({ compression: found }: CapturedTopic, { compression }: WorkloadFile, file: string): CompressionRatio {
  const ratio = compression === 'none' ? 1 : found[compression];
  if (ratio === undefined) throw invalid(file, `it has no ratio of ${compression}`);
  return Math.max(1, ratio);
}
