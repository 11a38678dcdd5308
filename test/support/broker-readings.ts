// Reads recorded responses of real brokers: two readings of each, with a known load in between.

import { readFileSync } from 'node:fs';
import { internalsReading } from '../../brokers/kafka/figures/internals-reading.ts';
import { createBeanReadings, type BeanReadings } from '../../brokers/kafka/internals/bean-readings.ts';
import { readJmxPage } from '../../brokers/kafka/internals/jmx-exporter-page.ts';
import { parseJolokiaAnswers } from '../../brokers/kafka/internals/jolokia.ts';
import type { BrokerReading } from '../../brokers/figures/broker-reading.ts';

const recorded = (name: string) =>
  readFileSync(new URL(`../fixtures/kafka/internals/${name}`, import.meta.url), 'utf8');

/** Approximate uptime of the brokers, in seconds. */
const upSeconds = 60;

export interface ReadingPair {
  before: BrokerReading;
  after: BrokerReading;
  /** Approximate seconds between the two readings. */
  seconds: number;
}

/**
 * Broker 1 of two, each the leader of two partitions of `orders` with two replicas and flush.messages=1000. Between the readings it
 * receives 6,000 messages of 200 B in 60 produce requests with acks=all, and one consumer reads them.
 */
export async function kafkaPair(agent: 'jolokia' | 'jmx-exporter'): Promise<ReadingPair> {
  const read = async (later: '' | '-later') => {
    const readings = createBeanReadings();
    if (agent === 'jolokia') parseJolokiaAnswers(recorded(`jolokia-2.2.9-kafka-4.3.1${later}.json`), readings);
    else await readPage(recorded(`jmx-exporter-1.0.1-kafka-3.9.2-two-brokers${later}.prom`), readings);
    const { values, dropped } = readings.report();
    const started = values.find(({ metric }) => metric === 'kafka_broker_jvm_start_time_seconds')?.value ?? NaN;
    return internalsReading({ broker: '1', agent, values, dropped }, started + upSeconds);
  };
  return { before: await read(''), after: await read('-later'), seconds: agent === 'jolokia' ? 8.2 : 12.9 };
}

async function readPage(text: string, into: BeanReadings): Promise<void> {
  async function* chunks() {
    yield Buffer.from(text);
  }
  await readJmxPage('recorded', chunks(), into);
}
