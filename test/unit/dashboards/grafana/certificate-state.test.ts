import { spawnSync } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { exporterSelf } from '../../../../dashboards/grafana/exporter-self.ts';
import { rulesFolder } from '../../../support/alert-rules.ts';
import { filledIn, targetsOf } from '../../../support/dashboard-parts.ts';
import { requires } from '../../../support/prerequisites.ts';

const day = 86_400;
const alertOf = {
  0: undefined,
  1: ['CertificateExpires', 'warning'],
  2: ['CertificateNearlyExpired', 'critical'],
} as const;

const certificates: readonly [daysLeft: number, lifetimeDays: number, state: 0 | 1 | 2][] = [
  [22, 365, 0],
  [20, 365, 1],
  [2, 365, 2],
  [2, 7, 0],
  [1, 7, 1],
  [0.5, 7, 2],
];

requires('promtool').test('the panel state of a certificate matches the alert that fires', async () => {
  const expr = targetsOf(exporterSelf).find((target) => target.expr?.includes('bool'))?.expr ?? '';
  const tests = certificates.map(([daysLeft, lifetimeDays, state]) => {
    const labels = '{cluster="orders", address="b1:9093"}';
    const [alertname, severity] = alertOf[state] ?? [];
    const firing = `ALERTS{address="b1:9093", alertname="${alertname}", alertstate="firing", cluster="orders", scope="broker", severity="${severity}"}`;
    return {
      name: `${daysLeft} of ${lifetimeDays} days left`,
      interval: '10m',
      input_series: [
        {
          series: `plimsoll_certificate_expiry_timestamp_seconds${labels}`,
          values: `${7200 + daysLeft * day}x12`,
        },
        { series: `plimsoll_certificate_lifetime_seconds${labels}`, values: `${lifetimeDays * day}x12` },
      ],
      promql_expr_test: [
        { expr: filledIn(expr), eval_time: '2h', exp_samples: [{ labels, value: state }] },
        {
          expr: 'ALERTS{alertstate="firing", alertname=~"Certificate.*"}',
          eval_time: '2h',
          exp_samples: alertname === undefined ? [] : [{ labels: firing, value: 1 }],
        },
      ],
    };
  });
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-certificate-state-'));
  const path = join(folder.path, 'state.test.yaml');
  await writeFile(
    path,
    stringify({ rule_files: [join(rulesFolder, 'exporter.yaml')], evaluation_interval: '10m', tests }),
  );
  const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain('SUCCESS');
});
