// Groups broker settings by value for a page, differences first, and hides secrets.

/*
 * Kafka marks what is sensitive itself; RocketMQ marks nothing. Values that look like a secret are hidden for both; of RocketMQ
 * innerClientAuthenticationCredentials, initAuthenticationUser, metricsGrpcExporterHeader (rocketmq 5.3.3, BrokerConfig and AuthConfig).
 */
const secret =
  /password|passphrase|secret|credential|jaas|access\.?key|private\.?key|\.key$|token\.master|initAuthenticationUser|ExporterHeader/i;
/** Such as jdbc:mysql://user:password@host. */
const withPassword = /(:\/\/[^/\s:@]+):[^@\s/]+@/g;

export const hiddenValue = '(hidden)';

export function shownValue(setting: string, value: string): string {
  if (value === '' || value === '(not set)') return value;
  return secret.test(setting) ? hiddenValue : value.replaceAll(withPassword, `$1:${hiddenValue}@`);
}

export const shownSides = (setting: string, sides: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sides).map(([who, says]) => [who, shownValue(setting, says)]));

/** Processes with the same value share a row. */
export interface SettingRow {
  setting: string;
  says: readonly { value: string; by: readonly string[] }[];
}

export function settingRows(processes: readonly { id: string; values: ReadonlyMap<string, string> }[]): SettingRow[] {
  const rows = new Map<string, Map<string, string[]>>();
  for (const { id, values } of processes) {
    for (const [setting, value] of values) {
      const says = rows.get(setting) ?? new Map<string, string[]>();
      rows.set(setting, says);
      const shown = shownValue(setting, value);
      const by = says.get(shown);
      if (by === undefined) says.set(shown, [id]);
      else by.push(id);
    }
  }
  return [...rows]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([setting, says]) => ({ setting, says: Array.from(says, ([value, by]) => ({ value, by })) }));
}

/** Most common value first, outliers last. */
export function sidesTogether(sides: Readonly<Record<string, string>>): SettingRow['says'] {
  const says = Map.groupBy(Object.entries(sides), ([, value]) => value);
  return Array.from(says, ([value, all]) => ({ value, by: all.map(([id]) => id) })).toSorted(
    (one, other) => other.by.length - one.by.length,
  );
}
