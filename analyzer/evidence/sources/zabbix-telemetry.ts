// Converts items of Zabbix with their values, from its API or from exported files, to cluster telemetry.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { AppError } from '../../../core/errors.ts';
import { assembled } from './assembly.ts';
import type { ZabbixApi, ZabbixExport } from './config.ts';
import { itemFigures, itemInventory, type ItemValue } from './item-figures.ts';
import type { SourceTelemetry, TelemetryWindow } from './source-telemetry.ts';
import { searchedKeys, type MatchedItem, type ZabbixNames } from './zabbix-items.ts';

interface ZabbixRead {
  name: string;
  source: ZabbixApi | ZabbixExport;
  names: ZabbixNames;
  items: readonly MatchedItem[];
  /** By itemid, in order of time. */
  values: ReadonlyMap<string, readonly ItemValue[]>;
  gaps?: readonly Finding[];
  cost: { requests: number; wireBytes: number };
  /** Where no item has a value in the window. */
  fault(): AppError;
}

/** @throws the fault */
export function zabbixTelemetry(
  { name, source, names, items, values, gaps = [], cost, fault }: ZabbixRead,
  { from, to, stepSeconds }: TelemetryWindow,
): SourceTelemetry {
  const span = { from: from.getTime() / 1000, to: to.getTime() / 1000 };
  const { series, findings } = itemFigures({ name, system: 'Zabbix' }, items, values, { ...span, stepSeconds });
  if (series.length === 0) throw fault();
  return assembled({
    name,
    format: source.kind,
    span,
    series,
    stated: source,
    inventory: itemInventory(series, {
      scheme: 'zabbix',
      citation: names.citation,
      tried: () => searchedKeys(names, source.items),
    }),
    findings: [...findings, findingOf('source-without-framing', { source: name, scheme: 'Zabbix' }), ...gaps],
    cost,
  });
}
