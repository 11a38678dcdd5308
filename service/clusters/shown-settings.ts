// Groups broker settings by value for a page, differences first, and hides secrets.

import { shownValue } from '../../core/secret-settings.ts';
import type { SettingRow } from '../../dashboards/web/cluster/settings-page.ts';

export const shownSides = (setting: string, sides: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sides).map(([who, value]) => [who, shownValue(setting, value)]));

export function settingRows(processes: readonly { id: string; values: ReadonlyMap<string, string> }[]): SettingRow[] {
  const all = processes.flatMap(({ id, values }) =>
    Array.from(values, ([setting, value]) => ({ setting, id, value: shownValue(setting, value) })),
  );
  return [...Map.groupBy(all, ({ setting }) => setting)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([setting, held]) => ({ setting, values: together(held) }));
}

/** Most common value first, outliers last. */
export function sidesTogether(sides: Readonly<Record<string, string>>): SettingRow['values'] {
  const held = Object.entries(sides).map(([id, value]) => ({ id, value }));
  return together(held).toSorted((one, other) => other.by.length - one.by.length);
}

const together = (held: readonly { id: string; value: string }[]): SettingRow['values'] =>
  Array.from(
    Map.groupBy(held, ({ value }) => value),
    ([value, all]) => ({ value, by: all.map(({ id }) => id) }),
  );
