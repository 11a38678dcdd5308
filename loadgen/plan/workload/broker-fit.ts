// Rejects workloads that the broker cannot run, before anything is changed.

import type { Compression, ProducerOptions } from '../../../brokers/driver.ts';
import { lacksTimers, timersHint } from '../../../brokers/rocketmq/delay-levels.ts';
import { traitsOf, type ByKind } from '../../../core/broker-kind/registry.ts';
import { defined } from '../../../core/defined.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { SendingOptions, Workload } from '../workload.ts';
import { proxyMisfits } from './proxy-fit.ts';
import { deliveryThresholdNames } from './threshold-options.ts';

type BrokerOptions = SendingOptions & Pick<Workload, 'compressionRatio' | 'groups' | 'thresholds'>;

export const defaultTransaction = seconds(0.1);

/** @param proxy address of the proxy that the load goes through @throws AppError workload-invalid, with all problems */
export function checkBrokerFit(workload: BrokerOptions, broker: BrokerKind, proxy?: string): void {
  const problems = [...misfits(workload, broker), ...(proxy === undefined ? [] : proxyMisfits(workload))];
  if (problems.length === 0) return;
  const where = proxy === undefined ? '' : ` through proxy ${proxy}`;
  throw new AppError(
    'workload-invalid',
    `the workload does not fit ${traitsOf(broker).displayName}${where}:${problemList(problems)}`,
    {
      hint:
        proxy === undefined
          ? 'docs/reference/workload.md says which key is for which broker'
          : 'docs/how-to/load-test-a-rocketmq-proxy.md lists what a proxy takes; without `proxy` under clusters.<name>, the load goes to the brokers',
    },
  );
}

/** Formats one problem after the colon, several on separate lines. */
export const problemList = (problems: readonly string[]) =>
  problems.length === 1 ? ` ${problems[0]}` : problems.map((problem) => `\n  ${problem}`).join('');

/** @param version version of the newest broker; each send checks its own broker @throws AppError workload-invalid */
export function checkVersionFit({ delay }: Pick<BrokerOptions, 'delay'>, version: string | undefined): void {
  if (delay === undefined || 'level' in delay || version === undefined || !lacksTimers(version)) return;
  throw new AppError('workload-invalid', `delay: no broker is newer than ${version}, which has no timers`, {
    hint: timersHint,
  });
}

export function misfits(workload: BrokerOptions, broker: BrokerKind): string[] {
  return [...generalMisfits(workload), ...misfitsBy[broker](workload)];
}

const misfitsBy: ByKind<(workload: BrokerOptions) => Iterable<string>> = {
  kafka: kafkaMisfits,
  rocketmq: rocketmqMisfits,
};

function* generalMisfits({ compression, compressionRatio, ledger, thresholds }: BrokerOptions): Iterable<string> {
  if (compressionRatio !== undefined && compression === 'none') {
    yield 'compressionRatio: needs a codec under compression';
  }
  const needed = ledger ? [] : deliveryThresholdNames.filter((name) => thresholds?.[name] !== undefined);
  if (needed.length > 0) yield `thresholds.${needed.join(', thresholds.')}: needs the delivery check, which is off`;
}

function* kafkaMisfits(workload: BrokerOptions): Iterable<string> {
  const { acks, compression, idempotent, transactions, requests, tag, delay, groups } = workload;
  if (compression === 'zlib') yield 'compression: Kafka has gzip, snappy, lz4 and zstd, but no zlib';
  if (idempotent && acks !== 'all') yield `idempotent: Kafka needs acks all for it, not ${acks}`;
  if (transactions !== undefined && acks !== 'all') yield `transactions: Kafka needs acks all for them, not ${acks}`;
  if (transactions?.leftToCheck !== undefined) {
    yield 'transactions.leftToCheck: Kafka brokers do not check the outcome; it is for RocketMQ only';
  }
  if (requests === 'single') yield 'requests: Kafka accepts record batches only; lower linger for smaller batches';
  if (tag !== undefined) yield 'tag: Kafka has no tags; use several topics, or keys';
  if (delay !== undefined) yield 'delay: Kafka delivers at once; delays are for RocketMQ only';
  if (typeof groups !== 'number' && groups.some(({ mode }) => mode === 'pull')) {
    yield 'groups: mode pull is for RocketMQ only; a Kafka fetch always waits at the broker';
  }
}

function* rocketmqMisfits(workload: BrokerOptions): Iterable<string> {
  const { acks, compression, idempotent, transactions, requests, ordered, delay, groups } = workload;
  if (compression !== 'none' && compression !== 'zlib') {
    yield `compression: RocketMQ clients compress bodies with zlib, not ${compression}`;
  }
  if (idempotent) yield 'idempotent: RocketMQ stores a repeated send twice; the delivery check counts duplicates';
  if (transactions?.duration !== undefined) {
    yield 'transactions.duration: on RocketMQ every message is a transaction of its own; it is for Kafka only';
  }
  if (transactions !== undefined && delay !== undefined) {
    yield 'delay: RocketMQ does not delay a message of a transaction; its broker drops one of the two';
  }
  if (transactions !== undefined && acks === 'none')
    yield 'transactions: half messages need acknowledgements, so acks none is not possible';
  if (transactions !== undefined && ordered) yield 'ordered: RocketMQ has no ordered transactions';
  const packed = compression === 'none' ? undefined : compression;
  for (const [key, value] of Object.entries({ transactions, delay, compression: packed })) {
    if (value !== undefined && requests === 'batch')
      yield `requests: with ${key} RocketMQ needs a request for each message`;
  }
  if (typeof groups !== 'number' && groups.some(({ readCommitted }) => readCommitted === true)) {
    yield 'groups: readCommitted is for Kafka only; RocketMQ never shows half messages';
  }
}

/** Returns the options of a driver. @param transactionalId unique per producer, and unchanged after a restart */
export function producerOptionsOf(
  sending: SendingOptions,
  broker: BrokerKind,
  transactionalId: string,
): ProducerOptions {
  const { acks, compression, idempotent, transactions, ordered } = sending;
  const { duration = defaultTransaction, leftToCheck } = transactions ?? {};
  const requests = requestsOf(sending, broker);
  const codec = driverCodec(compression);
  return {
    acks,
    ...(codec !== 'none' && { compression: codec }),
    ...(idempotent && { idempotent }),
    ...(ordered && { ordered }),
    ...defined({
      requests,
      transactions: transactions && defined({ id: transactionalId, duration, leftToCheck }),
    }),
  };
}

/** The RocketMQ driver always compresses with zlib. */
export const driverCodec = (compression: BrokerOptions['compression']): Compression =>
  compression === 'zlib' ? 'gzip' : compression;

export const sendsSingly = (sending: SendingOptions, broker: BrokerKind): boolean =>
  requestsOf(sending, broker) === 'single';

/** RocketMQ batches cannot be delayed, compressed or transactional: such messages are sent singly. */
function requestsOf(
  { requests, transactions, delay, compression }: SendingOptions,
  broker: BrokerKind,
): ProducerOptions['requests'] {
  if (traitsOf(broker).hasRecordBatches) return undefined;
  const isOneByOne = transactions !== undefined || delay !== undefined || compression !== 'none';
  return requests ?? (isOneByOne ? 'single' : undefined);
}
