// Exports whether the latest config file is in use and its target lists are readable.

import { Gauge, Registry } from 'prom-client';
import type { Clock } from '../core/clock.ts';
import { labelled } from './collector.ts';
import { declaredIn, familiesOf } from './prom-client-families.ts';

const { gauge, flag } = labelled();

export const reloadMetrics = {
  plimsoll_config_last_reload_successful: flag(
    '1 if the latest config file is in use and all its target lists can be read, else 0; what was read before stays in use.',
  ),
  plimsoll_config_last_reload_success_timestamp_seconds: gauge('Time at which the config file in use was read.'),
};

export type ReloadMetrics = ReturnType<typeof createReloadMetrics>;

/** Starts with a valid file, since the exporter does not start without one. */
export function createReloadMetrics(clock: Pick<Clock, 'now'>) {
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
    /** @param hasUnreadList whether a target list of the current config cannot be read */
    families(hasUnreadList = false) {
      successful.set(Number(isLatestUsed && !hasUnreadList));
      return render();
    },
  };
}
