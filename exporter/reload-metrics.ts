// Exports whether the last reload of the config file succeeded.

import { Gauge, Registry } from 'prom-client';
import type { Clock } from '../core/clock.ts';
import type { MetricDefinition } from './collector.ts';
import { declaredIn, familiesOf, type FamilySource } from './prom-client-families.ts';

export const reloadMetrics = {
  plimsoll_config_last_reload_successful: {
    type: 'gauge',
    unit: '1 or 0',
    help: '1 if the latest config file is in use, 0 if it is invalid and the previous one is still in use.',
    labels: [],
  },
  plimsoll_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'Time at which the config file in use was read.',
    labels: [],
  },
} satisfies Record<string, MetricDefinition>;

export interface ReloadMetrics {
  note(isUsed: boolean): void;
  families: FamilySource;
}

/** Begins with a file that is in use: without one nothing starts. */
export function createReloadMetrics(clock: Pick<Clock, 'now'>): ReloadMetrics {
  const registry = new Registry();
  const declared = declaredIn(reloadMetrics, registry);
  const successful = new Gauge(declared('plimsoll_config_last_reload_successful'));
  const readAt = new Gauge(declared('plimsoll_config_last_reload_success_timestamp_seconds'));
  const note = (isUsed: boolean) => {
    successful.set(Number(isUsed));
    if (isUsed) readAt.set(clock.now().getTime() / 1000);
  };
  note(true);
  return { note, families: familiesOf(registry) };
}
