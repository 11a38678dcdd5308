// Renders the metrics of the service for the exporter.

import { countSeries } from '../../exporter/exposition/series-count.ts';
import { renderLines } from '../../exporter/exposition/render-lines.ts';
import type { FamilySource } from '../../exporter/prom-client-families.ts';
import { measureService, type MeasuredService } from './service-measurements.ts';
import { serviceMetrics } from './service-metrics.ts';

/** @param state of the moment of a scrape */
export function serviceFamilies(state: () => MeasuredService): FamilySource {
  return async () => {
    const unlimited = { origin: { names: [], values: [] }, shed: new Set<never>(), count: countSeries(Infinity) };
    return {
      definitions: serviceMetrics,
      lines: (await renderLines(serviceMetrics, measureService(state()), unlimited)) ?? new Map(),
    };
  };
}
