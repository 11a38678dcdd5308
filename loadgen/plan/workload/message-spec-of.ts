// Derives the message spec of a workload once, so that every worker generates the same bytes.

import type { PackedSize } from '../../../brokers/packed-size.ts';
import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import type { KeySpec, MessageSpec, SizeSpec, TopicMix } from '../messages/message-spec.ts';
import { findRandomShare } from '../messages/target-ratio.ts';
import type { Workload } from '../workload.ts';

type MessageOptions = Pick<Workload, 'seed' | 'messageSize' | 'keys' | 'mix' | 'compressionRatio' | 'compression'>;

/** Checks whether topic shares change from step to step: such a run cannot be resumed. */
export const hasShareLists = ({ mix = [] }: Pick<Workload, 'mix'>): boolean =>
  mix.some(({ share }) => Array.isArray(share));

/** @param stepMessages messages of each step of the profile, the first with the warm-up */
function topicMixOf({ mix, ...common }: MessageOptions, stepMessages: readonly number[]): TopicMix | undefined {
  if (mix === undefined) return undefined;
  const odd = mix.findIndex(({ share }) => Array.isArray(share) && share.length !== stepMessages.length);
  if (odd >= 0) {
    throw new AppError('workload-invalid', `mix[${odd}].share: a list has one share for each step of the profile`, {
      hint: `the profile has ${stepMessages.length} steps`,
    });
  }
  const sharesAt = (step: number) => mix.map(({ share }) => (Array.isArray(share) ? (share[step] ?? 0) : share));
  const counts = hasShareLists({ mix }) ? stepMessages : [stepMessages.reduce((sum, each) => sum + each, 0)];
  let from = 0;
  const phases = counts.map((messages, step) => {
    const phase = { from: Math.floor(from), messages: Math.max(1, Math.round(messages)), shares: sharesAt(step) };
    from += messages;
    return phase;
  });
  const silent = phases.findIndex(({ shares }) => !shares.some((share) => share > 0));
  if (silent >= 0) throw new AppError('workload-invalid', `mix: no topic has a share in step ${silent + 1}`);
  return {
    topics: mix.map(({ messageSize = common.messageSize, keys = common.keys }) => ({
      sizes: sizeSpecOf(messageSize),
      keys: keySpecOf(keys),
    })),
    phases,
  };
}

/**
 * @param workload its files must already be read
 * @param packedSize compressed size by the broker's codec; required only for a target ratio
 * @param stepMessages messages of each step of the profile, the first with the warm-up; required for topics that differ
 * @throws AppError workload-invalid if the codec cannot reach the ratio with messages of these sizes
 */
export function messageSpecOf(
  workload: MessageOptions,
  packedSize: PackedSize | undefined,
  stepMessages: readonly number[] = [],
): MessageSpec {
  const { seed, compressionRatio, compression } = workload;
  const mix = topicMixOf(workload, stepMessages);
  const spec = defined({ seed, sizes: sizeSpecOf(workload.messageSize), keys: keySpecOf(workload.keys), mix });
  if (compressionRatio === undefined) return { ...spec, filler: { kind: 'random' } };
  if (typeof compressionRatio !== 'number') throw unread(compressionRatio.histogram);
  if (packedSize === undefined) throw new AppError('unexpected', 'a compression ratio needs a codec');
  const found = findRandomShare(spec, compressionRatio, packedSize);
  if (found.kind === 'too-high') {
    const highest = Math.floor(found.highest * 100) / 100;
    throw new AppError(
      'workload-invalid',
      `compressionRatio: ${compression} packs messages of these sizes to ${highest} at most, ${compressionRatio} is requested`,
      { hint: `use ${highest} or less, or larger messages: the header of each cannot be packed` },
    );
  }
  return { ...spec, filler: { kind: 'mixed', randomShare: found.randomShare } };
}

function sizeSpecOf(sizes: Workload['messageSize']): SizeSpec {
  if (typeof sizes === 'number') return { kind: 'fixed', bytes: sizes };
  if (Array.isArray(sizes)) {
    return { kind: 'weighted', sizes: sizes.map(({ size, weight }) => ({ bytes: size, weight })) };
  }
  if ('bands' in sizes) return { kind: 'bands', bands: sizes.bands };
  throw unread(sizes.histogram);
}

function keySpecOf(keys: Workload['keys']): KeySpec {
  if (keys === 'none') return { kind: 'none' };
  if ('histogram' in keys) throw unread(keys.histogram);
  const { size: bytes, ...choice } = keys;
  return { ...choice, bytes };
}

const unread = (file: string) => new AppError('unexpected', `${file} was not read before the run was planned`);
