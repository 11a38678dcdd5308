// Groups broker settings by value for a page, differences first, and hides secrets.

import { shownValue } from '../../brokers/secret-settings.ts';
import type { SettingRow } from '../../dashboards/web/cluster/settings-page.ts';

export const shownSides = (setting: string, sides: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sides).map(([who, value]) => [who, shownValue(setting, value)]));

export function settingRows(processes: readonly { id: string; values: ReadonlyMap<string, string> }[]): SettingRow[] {
  const rows = new Map<string, Map<string, string[]>>();
  for (const { id, values } of processes) {
    for (const [setting, value] of values) {
      const shares = rows.get(setting) ?? new Map<string, string[]>();
      rows.set(setting, shares);
      const shown = shownValue(setting, value);
      const by = shares.get(shown);
      if (by === undefined) shares.set(shown, [id]);
      else by.push(id);
    }
  }
  return [...rows]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([setting, shares]) => ({ setting, values: Array.from(shares, ([value, by]) => ({ value, by })) }));
}

/** Most common value first, outliers last. */
export function sidesTogether(sides: Readonly<Record<string, string>>): SettingRow['values'] {
  const shares = Map.groupBy(Object.entries(sides), ([, value]) => value);
  return Array.from(shares, ([value, all]) => ({ value, by: all.map(([id]) => id) })).toSorted(
    (one, other) => other.by.length - one.by.length,
  );
}
