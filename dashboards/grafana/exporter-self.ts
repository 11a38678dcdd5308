// Defines the dashboard of Plimsoll's own health: freshness, failures and cost of exporter and service.

import { dashboard, foldedRow, ofAnyCluster, row } from './dashboard.ts';
import { figure, lines, table } from './panel.ts';
import { units } from './unit.ts';

const chosen = '{cluster=~"$cluster"}';

/** Some jobs apply to the whole fleet. */
const chosenOrNone = '{cluster=~"$cluster|"}';

const timeLeft = `max by (cluster, address) (plimsoll_certificate_expiry_timestamp_seconds${chosen}) - time()`;
const lifetime = `max by (cluster, address) (plimsoll_certificate_lifetime_seconds${chosen})`;
const expiresWithin = (days: number, share: number) =>
  `(${timeLeft} < bool ${days} * 86400) * (${timeLeft} < bool ${share} * ${lifetime})`;
/** 1 and 2 correspond to the alerts CertificateExpires and CertificateNearlyExpired. */
const expiryState = `max by (cluster, address) (${expiresWithin(21, 0.25)} + ${expiresWithin(3, 0.1)})`;

export const exporterSelf = dashboard({
  uid: 'plimsoll-exporter',
  title: 'Plimsoll / Exporter itself',
  description: 'Are the readings current and complete?',
  variables: [ofAnyCluster],
  annotations: [],
  rows: [
    row('Coverage', [
      figure('Exporters up', {
        description: 'Share of scrape targets of the job plimsoll that are up.',
        expr: 'avg(up{job="plimsoll"})',
        legend: 'answer',
        limits: { worse: 'below', warn: 1, bad: 0.5 },
      }),
      figure('Clusters up', {
        description: 'Share of clusters that could be read at the last scrape.',
        expr: `avg(plimsoll_cluster_up${chosen})`,
        legend: 'answer',
        limits: { worse: 'below', warn: 1, bad: 0.5 },
      }),
      figure('Hosts up', {
        description: 'Share of hosts that could be read at the last scrape.',
        expr: 'avg(plimsoll_host_up)',
        legend: 'answer',
        limits: { worse: 'below', warn: 1, bad: 0.5 },
      }),
      figure('Failed collectors', {
        description: 'Collectors whose last reading failed. Their series are missing from the scrape.',
        queries: {
          'of clusters': `count(plimsoll_scrape_collector_success${chosen} == 0) or vector(0)`,
          'of hosts': 'count(plimsoll_scrape_collector_success{cluster="", host=~".+"} == 0) or vector(0)',
        },
        limits: { worse: 'above', warn: 1 },
      }),
      figure('Oldest cached section', {
        description:
          'Age of the oldest section that is served from cache because its last reading failed. Sections that rarely change are read rarely and count as fresh.',
        expr: `max by (cluster) (plimsoll_scrape_section_age_seconds${chosen} and on (cluster, section, broker, instance) plimsoll_scrape_section_success${chosen} == 0)`,
        limits: { worse: 'above', warn: 120, bad: 300 },
        noValue: 'all sections are fresh',
      }),
      figure('Series dropped by limit', {
        description:
          'Series dropped because the cluster exceeds its limit of series; the most detailed are dropped first.',
        expr: `sum by (cluster) (plimsoll_scrape_series_shed${chosen})`,
        limits: { worse: 'above', warn: 1 },
      }),
      table('Sections', {
        description:
          'Parts of a cluster that are read separately: whether the last reading succeeded, its age and its duration.',
        by: { cluster: 'Cluster', section: 'Section' },
        sortBy: 'Age',
        descending: true,
        width: 12,
        height: 9,
        columns: {
          Age: { expr: `max by (cluster, section) (plimsoll_scrape_section_age_seconds${chosen})` },
          Read: {
            expr: `min by (cluster, section) (plimsoll_scrape_section_success${chosen})`,
            texts: { 0: { text: 'failed', color: 'orange' }, 1: { text: 'yes', color: 'green' } },
          },
          Took: {
            noValue: 'not due',
            expr: `max by (cluster, section) (plimsoll_scrape_section_duration_seconds${chosen})`,
          },
        },
      }),
      lines('Sections by state', {
        description: 'Sections that are fresh, served from cache, missing, or skipped to limit load on a broker.',
        expr: `sum by (cluster, state) (plimsoll_scrape_sections${chosen})`,
      }),
    ]),
    row('Canary and certificates', [
      lines('Canary round trip, p99', {
        description: 'From the time when a message was due until it was read back.',
        expr: `histogram_quantile(0.99, sum by (cluster, broker, le) (rate(plimsoll_canary_duration_seconds_bucket{cluster=~"$cluster", step="round_trip"}[$__rate_interval]))) >= 0`,
        noValue: 'no canary',
      }),
      lines('Canary messages failed or lost', {
        description: 'Share of the canary messages to a broker.',
        expr: `sum by (cluster, broker) (rate(plimsoll_canary_errors_total${chosen}[$__rate_interval]) or rate(plimsoll_canary_lost_total${chosen}[$__rate_interval])) / (sum by (cluster, broker) (rate(plimsoll_canary_messages_total${chosen}[$__rate_interval])) > 0)`,
        noValue: 'no canary',
        limits: { worse: 'above', warn: 0.01, bad: 0.1 },
      }),
      table('Certificates', {
        description: 'Time until the TLS certificate of a broker or name server, or one of its chain, expires.',
        by: { cluster: 'Cluster', address: 'Address' },
        sortBy: 'Expires in',
        columns: {
          'Expires in': { expr: timeLeft },
          State: {
            expr: expiryState,
            unit: units.count,
            texts: {
              0: { text: 'valid', color: 'green' },
              1: { text: 'expires', color: 'orange' },
              2: { text: 'nearly expired', color: 'red' },
            },
          },
        },
      }),
    ]),
    foldedRow('Cost', [
      lines('Read duration', {
        description: 'Time to read the clusters, before the collectors start.',
        expr: `plimsoll_scrape_read_duration_seconds${chosen}`,
      }),
      lines('Collector duration', {
        description: 'Time that each collector takes for what was read.',
        expr: `topk(10, max by (collector) (plimsoll_scrape_collector_duration_seconds${chosen}))`,
      }),
      lines('Broker requests', {
        description: 'Requests that each instance sends to read a cluster, by API or request code.',
        expr: `sum by (cluster, api, instance) (rate(plimsoll_cluster_requests_total${chosen}[$__rate_interval]))`,
      }),
      lines('Series', {
        description: 'Series of each cluster in the scrape, without those about the exporter.',
        expr: `plimsoll_scrape_series${chosen}`,
      }),
      lines('Cores used', {
        description: 'CPU time of the exporter process.',
        expr: 'rate(process_cpu_seconds_total{job="plimsoll"}[$__rate_interval])',
      }),
      lines('Memory', {
        description: 'Resident memory of this process.',
        expr: 'process_resident_memory_bytes{job="plimsoll"}',
      }),
    ]),
    row('Service', [
      figure('History', {
        description: 'Whether the last write succeeded.',
        expr: 'plimsoll_history_writable',
        texts: { 0: { text: 'cannot be written', color: 'red' }, 1: { text: 'writable', color: 'green' } },
        width: 8,
      }),
      figure('History quota used', {
        description: 'Share of its quota that the history uses. From 90%, no forecast is recorded.',
        expr: 'plimsoll_history_used_bytes / plimsoll_history_quota_bytes',
        limits: { worse: 'above', warn: 0.8, bad: 0.9 },
        decimals: 1,
        width: 8,
      }),
      figure('Newest history entry', {
        description: 'Time since the newest entry of the history.',
        expr: 'time() - plimsoll_history_last_entry_timestamp_seconds',
        width: 8,
      }),
      table('Jobs', {
        description: 'Scheduled jobs of the service: whether the last run succeeded, when, and how long it took.',
        by: { task: 'Job', cluster: 'Cluster' },
        sortBy: 'Succeeded',
        columns: {
          Succeeded: {
            expr: `min by (task, cluster) (plimsoll_job_success${chosenOrNone})`,
            texts: { 0: { text: 'no', color: 'red' }, 1: { text: 'yes', color: 'green' } },
          },
          'Last success': {
            expr: `time() - max by (task, cluster) (plimsoll_job_last_success_timestamp_seconds${chosenOrNone})`,
          },
          Took: { expr: `max by (task, cluster) (plimsoll_job_duration_seconds${chosenOrNone})` },
        },
      }),
    ]),
  ],
});
