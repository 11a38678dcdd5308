// Exports whether the latest config file is in use and its target lists can be read.

import { Gauge, Registry } from 'prom-client';
import type { Clock } from '../core/clock.ts';
import type { MetricDefinition } from './collector.ts';
import { declaredIn, familiesOf, type FamilySource } from './prom-client-families.ts';

export const reloadMetrics = {
  plimsoll_config_last_reload_successful: {
    type: 'gauge',
    unit: '1 or 0',
    help: '1 if the latest config file is in use and all its target lists can be read, else 0; what was read before stays in use.',
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
  /** @param hasUnreadList whether a target list of the config in use cannot be read */
  families: (hasUnreadList?: boolean) => ReturnType<FamilySource>;
}

/** Begins with a file that is in use: without one nothing starts. */
export function createReloadMetrics(clock: Pick<Clock, 'now'>): ReloadMetrics {
  const registry = new Registry();
  const declared = declaredIn(reloadMetrics, registry);
  const successful = new Gauge(declared('plimsoll_config_last_reload_successful'));
  const readAt = new Gauge(declared('plimsoll_config_last_reload_success_timestamp_seconds'));
  const render = familiesOf(registry);
  let isLatestUsed: boolean;
  const note = (isUsed: boolean) => {
    isLatestUsed = isUsed;
    if (isUsed) readAt.set(clock.now().getTime() / 1000);
  };
  note(true);
  return {
    note,
    families(hasUnreadList = false) {
      successful.set(Number(isLatestUsed && !hasUnreadList));
      return render();
    },
  };
}
