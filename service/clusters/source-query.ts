// Shows an expression with a link to its graph in Prometheus or VictoriaMetrics.

import type { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import type { Grid } from '../../analyzer/evidence/sources/range-query.ts';
import type { SourceQuery } from '../../dashboards/web/chart-tools.ts';

/** Returns no link if the config has no public URL. */
export function sourceQuery({ publicUrl }: PrometheusTelemetry, expression: string, grid?: Grid): SourceQuery {
  if (publicUrl === undefined) return { expression };
  const parameters = new URLSearchParams({ 'g0.expr': expression, 'g0.tab': '0' });
  if (grid !== undefined) {
    const { firstEnd, gridSeconds, points } = grid;
    const endMs = (firstEnd + (points - 1) * gridSeconds) * 1000;
    parameters.set('g0.range_input', `${points * gridSeconds}s`);
    parameters.set('g0.end_input', new Date(endMs).toISOString().slice(0, 19).replace('T', ' '));
    parameters.set('g0.step_input', String(gridSeconds));
  }
  return { expression, url: `${publicUrl.replace(/\/+$/, '')}/graph?${parameters.toString()}` };
}
