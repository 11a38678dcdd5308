// Converts Zabbix items with their values, from its API or from exported files, to cluster telemetry.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { beginsLater } from '../../../core/documents/findings/source-findings.ts';
import type { AppError } from '../../../core/errors.ts';
import { assembled, gapFinding } from './assembly.ts';
import type { ZabbixApi, ZabbixExport } from './config.ts';
import { itemFigures, itemInventory, usualDistance, type ItemValue } from './item-figures.ts';
import type { Gap } from './range-query.ts';
import type { SourceTelemetry, TelemetryWindow } from './telemetry.ts';
import { searchedKeys, zabbixNames, type MatchedItem } from './zabbix-items.ts';

interface ZabbixRead {
  name: string;
  source: ZabbixApi | ZabbixExport;
  items: readonly MatchedItem[];
  /** By itemid, in time order. */
  values: ReadonlyMap<string, readonly ItemValue[]>;
  gaps?: readonly Gap[];
  /** Error if no item has a value in the window. */
  fault(): AppError;
}

/** @throws the error of `fault` */
export function zabbixTelemetry(
  { name, source, items, values, gaps = [], fault }: ZabbixRead,
  { from, to, stepSeconds }: TelemetryWindow,
): SourceTelemetry {
  const span = { from: from.getTime() / 1000, to: to.getTime() / 1000 };
  const { series, findings } = itemFigures({ name, system: 'Zabbix' }, items, values, { ...span, stepSeconds });
  if (series.length === 0) throw fault();
  const missed = gaps.map((gap) => gapFinding(name, 'history', gap, span));
  if (!gaps.some((gap) => gap.from < span.from + 1)) missed.push(...lateHistory(name, items, values, span));
  return assembled({
    name,
    format: source.kind,
    span,
    series,
    stated: source,
    inventory: itemInventory(series, {
      scheme: 'zabbix',
      citation: zabbixNames().citation,
      tried: () => searchedKeys(source.items),
    }),
    findings: [...findings, findingOf('source-without-framing', { source: name, scheme: 'Zabbix' }), ...missed],
  });
}

/** Zabbix keeps history for days or weeks. Hourly trends would fill older times, but on another grid. */
function lateHistory(
  name: string,
  items: readonly MatchedItem[],
  values: ReadonlyMap<string, readonly ItemValue[]>,
  span: { from: number; to: number },
): Finding[] {
  const kept = items.flatMap(({ item, isConstant }) => {
    const known = isConstant ? [] : (values.get(item.itemid) ?? []).filter(({ clock }) => clock > span.from);
    return known[0] === undefined ? [] : [{ first: known[0].clock, everySeconds: usualDistance(known) }];
  });
  const late = kept.filter(
    ({ first, everySeconds }) => everySeconds > 0 && first - span.from > Math.max(3600, 2 * everySeconds),
  );
  if (late.length === 0) return [];
  const to = late.reduce((latest, { first }) => Math.max(latest, first), span.from);
  const gap = { from: span.from, to: Math.min(to, span.to), reason: beginsLater };
  return [gapFinding(name, `history of ${late.length} items`, gap, span)];
}
