// Waits until every Kafka broker accepts clients and knows all others.

import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import type { Cluster } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { answerInside, askInside, untilNothingLacks, type AskIo } from '../ask-inside.ts';

/** Three nodes on two busy cores knew each other within 2 s of the last start. */
const patience = seconds(60);
const pause = seconds(0.1);

interface Expected {
  /** Client addresses. */
  addresses: readonly string[];
  /** `tls` and `sasl` of the matching config; secrets are references. */
  access: Readonly<Record<string, unknown>>;
}

/**
 * @param namespace namespace in which the addresses are reachable; absent: the current one
 * @returns the id of the cluster.
 * @throws AppError lab-failed
 */
export async function waitUntilJoined(expected: Expected, io: AskIo, namespace?: string): Promise<string | undefined> {
  if (namespace === undefined) return askAll(expected, io);
  return (await askInside(namespace, import.meta.url, expected, io)).trim() || undefined;
}

async function askAll({ addresses, access }: Expected, io: AskIo): Promise<string | undefined> {
  let clusterId: string | undefined;
  await untilNothingLacks(addresses, { patience, pause }, io, async (address) => {
    const cluster = await clusterAt(address, access, io.signal);
    const known = cluster?.brokers.length ?? 0;
    clusterId = cluster?.clusterId;
    if (known === addresses.length) return undefined;
    return `broker ${address} knows ${known} of ${addresses.length} brokers after ${patience} s`;
  });
  return clusterId;
}

/** @returns undefined while the broker does not respond */
async function clusterAt(
  address: string,
  access: Expected['access'],
  signal: AbortSignal,
): Promise<Cluster | undefined> {
  const cluster = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [address], ...access });
  try {
    await using inspector = await kafkaDriver.inspect('lab', cluster, { signal });
    return await inspector.describe({ signal });
  } catch (error) {
    // The first handshake of a JVM takes seconds if other programs use the cores.
    if (error instanceof AppError && error.code === 'broker-unreachable') return undefined;
    throw error;
  }
}

if (import.meta.main) await answerInside(async (asked, io) => (await askAll(asked as Expected, io)) ?? '');
