// Counts the canary's messages and records the duration of each step by broker.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CanaryRecord } from '../../brokers/canary/canary.ts';
import { labelled } from '../collector.ts';
import { declaredIn, familiesOf, type FamilySource } from '../prom-client-families.ts';

const perBroker = labelled('broker');
const perStep = labelled('broker', 'step');

/** Each has the label `cluster`. */
export const canaryMetrics = {
  plimsoll_canary_up: labelled().flag(
    '1 while the topic of the canary is usable, else 0. Message results are per broker.',
  ),
  plimsoll_canary_messages_total: perBroker.counter('Messages that the canary started to send.'),
  plimsoll_canary_in_flight: perBroker.gauge(
    'Messages of the canary that wait for their acknowledgement or to be read.',
    'messages',
  ),
  plimsoll_canary_duration_seconds: perStep.histogram(
    'Time of a message: produce, from when it was due until acknowledged; consume, from then until read; round_trip, both.',
  ),
  plimsoll_canary_errors_total: labelled('broker', 'step', 'class').counter(
    'Messages of the canary that failed, by step and error of the broker.',
  ),
  plimsoll_canary_lost_total: perStep.counter(
    'Messages of the canary not acknowledged (produce) or acknowledged and not read (consume) in time, or no longer at their offset.',
    'messages',
  ),
};

/** 1, 2 and 5 of each decade, in seconds, from a broker nearby to an outage. */
const durationBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export function createCanaryMetrics(): { of(cluster: string): CanaryRecord; families: FamilySource } {
  const registry = new Registry();
  const declared = declaredIn(canaryMetrics, registry, ['cluster']);
  const up = new Gauge(declared('plimsoll_canary_up'));
  const messages = new Counter(declared('plimsoll_canary_messages_total'));
  const inFlight = new Gauge(declared('plimsoll_canary_in_flight'));
  const duration = new Histogram({ ...declared('plimsoll_canary_duration_seconds'), buckets: durationBuckets });
  const errors = new Counter(declared('plimsoll_canary_errors_total'));
  const lost = new Counter(declared('plimsoll_canary_lost_total'));

  return {
    of: (cluster) => ({
      up: (isUp) => up.set({ cluster }, Number(isUp)),
      sent(broker) {
        messages.inc({ cluster, broker });
        inFlight.inc({ cluster, broker });
        // Initialized with the first message, so that a first loss is an increase.
        for (const step of ['produce', 'consume']) lost.inc({ cluster, broker, step }, 0);
      },
      ended: (broker) => inFlight.dec({ cluster, broker }),
      took: (broker, step, seconds) => duration.observe({ cluster, broker, step }, seconds),
      failed: (broker, step, errorClass) => errors.inc({ cluster, broker, step, class: errorClass }),
      lost: (broker, step) => lost.inc({ cluster, broker, step }),
    }),
    families: familiesOf(registry),
  };
}
