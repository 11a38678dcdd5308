// Renders and lints the Helm chart with a real helm.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigFile } from '../../app/config/config-file.ts';
import { chart, everythingInChart, helmProgram, renderChart } from '../support/helm-chart.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const run = promisify(execFile);
const ordersIn = (text: string) => ConfigFile.parse(parse(text)).exporter.clusters['orders'];

if (fullMatrix)
  requires('go').describe('the Helm chart', () => {
    let helm = '';
    beforeAll(async () => {
      helm = await helmProgram();
    }, 900_000);

    test('passes helm lint with a config', async () => {
      const { stdout } = await run(helm, [
        'lint',
        '--strict',
        chart,
        '--set-json',
        `config=${JSON.stringify(everythingInChart.config)}`,
      ]);
      expect(stdout).toContain('0 chart(s) failed');
    });

    test('with every part enabled it renders valid configs, all rules and all dashboards', async () => {
      const { objects } = await renderChart(everythingInChart);
      const named = new Map(objects.map(({ kind, metadata, ...rest }) => [`${kind} ${metadata.name}`, rest]));
      for (const name of ['ConfigMap plimsoll-config', 'ConfigMap plimsoll-exporter-config']) {
        const config: unknown = parse(named.get(name)?.data?.['plimsoll.yaml'] ?? '');
        expect(ConfigFile.safeParse(config).error, name).toBeUndefined();
      }
      const rules = objects.filter(({ kind }) => kind === 'PrometheusRule');
      expect(rules.length).toBeGreaterThan(6);
      expect(rules.flatMap(({ spec }) => spec?.groups ?? []).flatMap((group) => group.rules).length).toBeGreaterThan(
        30,
      );
      const dashboards = objects.filter(({ metadata }) => metadata.name.includes('-dashboard-'));
      expect(dashboards).toHaveLength(10);
      for (const { data } of dashboards)
        expect(JSON.parse(Object.values(data ?? {})[0] ?? '')).toHaveProperty('panels');
    });

    test('scrape targets have the job plimsoll and differ only in instance, as the rules require', async () => {
      const { objects } = await renderChart(everythingInChart);
      const relabelings = [
        { targetLabel: 'job', replacement: 'plimsoll' },
        {
          sourceLabels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_name'],
          separator: '/',
          targetLabel: 'instance',
        },
        { action: 'labeldrop', regex: 'pod|container|endpoint|service|namespace' },
      ];
      for (const name of ['plimsoll', 'plimsoll-exporter']) {
        const monitor = objects.find(({ kind, metadata }) => kind === 'ServiceMonitor' && metadata.name === name);
        expect(monitor?.spec?.['endpoints'], name).toMatchObject([{ relabelings }]);
      }
    });

    test('with the values in docs/how-to/install.md Prometheus verifies the certificate of the service', async () => {
      const [, values = ''] =
        /^# your values\.yaml\n(.*?)^```$/ms.exec(readFileSync('docs/how-to/install.md', 'utf8')) ?? [];
      const { objects } = await renderChart(z.looseObject({}).parse(parse(values)));
      const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor');
      const ca = { secret: { name: 'plimsoll-authority', key: 'ca.pem' } };
      expect(monitor?.spec?.['endpoints']).toMatchObject([
        { scheme: 'https', tlsConfig: { ca, serverName: 'plimsoll.monitoring.svc' } },
      ]);
    });

    test('a server name in the values replaces that of the service', async () => {
      const serviceMonitor = { enabled: true, tlsConfig: { serverName: 'plimsoll.example.com' } };
      const { objects } = await renderChart({ config: everythingInChart.config, serviceMonitor });
      const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor');
      expect(monitor?.spec?.['endpoints']).toMatchObject([{ tlsConfig: serviceMonitor.tlsConfig }]);
    });

    test.each([
      [false, ['plimsoll-config']],
      [true, ['plimsoll-exporter-config']],
    ])('with exporters enabled: %s, a canary runs only with the config %s', async (enabled, expected) => {
      const exporter = { clusters: { orders: { maxSeries: 5000, canary: { topic: 'plimsoll-canary' } } } };
      const config = { ...everythingInChart.config, exporter };
      const { objects } = await renderChart({ config, exporters: { enabled } });
      const configs = objects.flatMap(({ metadata, data }) => {
        const text = data?.['plimsoll.yaml'];
        return text === undefined ? [] : [{ name: metadata.name, orders: ordersIn(text) }];
      });
      expect(configs.filter(({ orders }) => orders?.canary !== undefined).map(({ name }) => name)).toEqual(expected);
      expect(configs.every(({ orders }) => orders?.maxSeries === 5000)).toBe(true);
    });

    test('with only a config it renders the service, its config and its network policy', async () => {
      const { objects } = await renderChart({ config: everythingInChart.config });
      expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
        'ConfigMap',
        'NetworkPolicy',
        'Service',
        'Service',
        'ServiceAccount',
        'StatefulSet',
      ]);
    });

    test.each([
      [1, false],
      [2, true],
    ])('with %i exporters, the config and command-line option share the targets: %s', async (replicas, isShared) => {
      const { objects, text } = await renderChart({
        config: everythingInChart.config,
        exporters: { enabled: true, replicas },
      });
      const name = 'plimsoll-exporter-config';
      const written = objects.find(({ metadata }) => metadata.name === name)?.data?.['plimsoll.yaml'] ?? '';
      const { exporter } = ConfigFile.parse(parse(written));
      expect([exporter.listen, exporter.shards !== undefined]).toEqual(['0.0.0.0:18760', isShared]);
      expect(text.includes('--shard=$(MEMBER)')).toBe(isShared);
    });

    test('an OIDC login is in the config, and its secret is mounted where the config refers to it', async () => {
      const oidc = {
        issuer: 'https://keycloak.example.com/realms/acme',
        clientId: 'plimsoll',
        clientSecret: '${file:/etc/plimsoll-secrets/plimsoll-oidc/client-secret}',
      };
      const service = {
        publicUrl: 'https://plimsoll.example.com',
        oidc,
        roles: [{ groups: ['sre'], role: 'operator' }],
      };
      const { objects, text } = await renderChart({
        config: { ...everythingInChart.config, service },
        service: { secrets: ['plimsoll-oidc'] },
      });
      const config = objects.find(({ metadata }) => metadata.name === 'plimsoll-config')?.data?.['plimsoll.yaml'];
      expect(parse(config ?? '')).toMatchObject({ service: { ...service, listen: '0.0.0.0:18761' } });
      expect(ConfigFile.safeParse(parse(config ?? '')).error).toBeUndefined();
      expect(text).toContain('mountPath: /etc/plimsoll-secrets/plimsoll-oidc');
      expect(text).toMatch(/name: secret-0\n\s+secret: \{ secretName: plimsoll-oidc/);
    });

    test('a Secret with a dot in its name is mounted at that name, through a volume without a dot', async () => {
      const { text } = await renderChart(everythingInChart);
      const mounts = [...text.matchAll(/- \{ name: (\S+), mountPath: \/etc\/plimsoll-secrets\/orders\.kafka-login,/g)];
      expect(mounts.map(([, name]) => name)).toEqual(['secret-1', 'secret-1']);
      const volumes = text.match(/- name: secret-1\n\s+secret: \{ secretName: orders\.kafka-login,/g);
      expect(volumes).toHaveLength(2);
    });

    test('the network policies of service and exporters allow the additional ports in the values', async () => {
      const { objects } = await renderChart({ ...everythingInChart, networkPolicy: { ports: [19092] } });
      const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
      expect(policies).toHaveLength(2);
      for (const { spec } of policies)
        expect(z.array(z.unknown()).parse(spec?.['egress']).at(-1)).toMatchObject({
          ports: expect.arrayContaining([{ protocol: 'TCP', port: 19092 }]),
        });
    });

    test.each([
      ['no cluster', {}, /clusters/],
      ['an unknown key', { ...everythingInChart, exporter: { enabled: true } }, /exporter/],
      [
        'a cluster without an address',
        { config: { clusters: { orders: { broker: 'kafka' } } } },
        /orders.*\n?.*bootstrap/,
      ],
      ['a cluster without content', { config: { clusters: { orders: null } } }, /clusters/],
      [
        'a Secret that is not mounted',
        {
          config: {
            clusters: {
              orders: {
                broker: 'kafka',
                bootstrap: ['kafka-0.kafka:9092'],
                sasl: {
                  mechanism: 'plain',
                  username: 'a',
                  password: '${file:/etc/plimsoll-secrets/kafka-login/password}',
                },
              },
            },
          },
        },
        /refers to the Secret kafka-login, which is not mounted: add kafka-login to service\.secrets/,
      ],
      ['an address without a length', { ...everythingInChart, networkPolicy: { reaches: ['10.20.0.1'] } }, /reaches/],
      ['a port that is none', { ...everythingInChart, networkPolicy: { ports: [70_000] } }, /ports/],
      [
        'a pair, whose pods would each have a history',
        { config: { ...everythingInChart.config, service: { availability: 'pair' } } },
        /the chart runs one pod with its own volume/,
      ],
    ])('refuses values with %s', async (_, values, message) => {
      await expect(renderChart(values)).rejects.toThrow(message);
    });
  });
