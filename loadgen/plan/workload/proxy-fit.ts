// Decides whether a load goes through a RocketMQ proxy, and rejects workloads that cannot be sent through one.

import type { SendingOptions, Workload } from '../workload.ts';

type ProxiedOptions = SendingOptions & Pick<Workload, 'groups'>;

/**
 * @param config cluster entry of the config file
 * @returns the gRPC address of its proxy, absent if clients connect to brokers directly
 */
export const proxyAddressOf = (config: unknown): string | undefined =>
  (config as { proxy?: { address: string } } | undefined)?.proxy?.address;

/** @param config cluster entry of the config file @returns whether RocketMQ requests are signed, which adds bytes */
export const signsRequests = (config: unknown): boolean =>
  (config as { credentials?: unknown } | undefined)?.credentials !== undefined;

/** @param config cluster entry of the config file */
export const usesTls = (config: unknown): boolean => (config as { tls?: unknown } | undefined)?.tls !== undefined;

export function* proxyMisfits(workload: ProxiedOptions): Iterable<string> {
  const { acks, compression, transactions, requests, ordered, delay, groups } = workload;
  if (acks === 'none') yield 'acks: a proxy answers every send; use all or leader';
  if (requests === 'batch') {
    yield 'requests: through a proxy each message is a request; in a batch all would get the id and keys of the first';
  }
  if (compression !== 'none') yield 'compression: bodies are not compressed through a proxy';
  for (const [key, value] of Object.entries({ transactions, delay })) {
    if (value !== undefined) yield `${key}: through a proxy only NORMAL messages are sent`;
  }
  if (ordered) yield 'ordered: a proxy chooses the queue of each message, so none is sent in order';
  if (typeof groups === 'number') return;
  if (groups.some(({ mode }) => mode === 'pull')) yield 'groups: mode pull is not available through a proxy';
  if (groups.some(({ commits }) => commits === 'never')) {
    yield 'groups: commits never is not available through a proxy, which delivers unacknowledged messages again';
  }
}
