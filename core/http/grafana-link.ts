// Builds a link to one of the Grafana dashboards, with its variables set.

/**
 * @param base URL of Grafana for people, such as `https://grafana.example.com`
 * @param uid of the dashboard, such as `plimsoll-lag`
 * @param query `var-NAME` sets a variable; `from` and `to` as Grafana writes them
 */
export function grafanaLink(base: string, uid: string, query: Readonly<Record<string, string>>): string {
  return `${base.replace(/\/+$/, '')}/d/${encodeURIComponent(uid)}?${new URLSearchParams(query).toString()}`;
}
