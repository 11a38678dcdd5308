// Renders and lints the Helm chart with a real helm.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ConfigFile } from '../../app/config/config-file.ts';
import { builtWithGo } from '../support/built-with-go.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const chart = fileURLToPath(new URL('../../deploy/helm/plimsoll', import.meta.url));
const run = promisify(execFile);
const everything = {
  config: { clusters: { orders: { broker: 'kafka', bootstrap: ['kafka-0.kafka:9092'] } } },
  service: { secrets: ['kafka-login'], env: [{ name: 'TZ', value: 'Asia/Shanghai' }] },
  exporters: { enabled: true, secrets: ['kafka-login'], env: [{ name: 'TZ', value: 'Asia/Shanghai' }] },
  networkPolicy: { reaches: ['10.20.0.0/16'] },
  serviceMonitor: { enabled: true, basicAuthSecret: 'plimsoll-scrape', tlsConfig: { insecureSkipVerify: true } },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
  dashboards: { enabled: true },
};

const Rendered = z.looseObject({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.looseObject({ groups: z.array(z.object({ rules: z.array(z.looseObject({})) })).optional() }).optional(),
});

if (fullMatrix)
  requires('go').describe('the Helm chart', () => {
    let helm = '';
    beforeAll(async () => {
      helm = await builtWithGo('helm', 'helm.sh/helm/v3', 'v3.18.6', './cmd/helm');
    }, 900_000);

    async function rendered(values: object) {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-helm-'));
      try {
        const file = join(folder, 'values.json');
        await writeFile(file, JSON.stringify(values));
        const words = [
          'template',
          'plimsoll',
          chart,
          '--values',
          file,
          '--namespace',
          'monitoring',
          '--kube-version',
          '1.31.0',
        ];
        const { stdout } = await run(helm, words, { maxBuffer: 2 ** 26 });
        const documents = parseAllDocuments(stdout).flatMap((document) => document.toJS() ?? []);
        return { text: stdout, objects: documents.map((document: unknown) => Rendered.parse(document)) };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }

    test('passes helm lint, with a config', async () => {
      const { stdout } = await run(helm, [
        'lint',
        '--strict',
        chart,
        '--set-json',
        `config=${JSON.stringify(everything.config)}`,
      ]);
      expect(stdout).toContain('0 chart(s) failed');
    });

    test('with every part it renders configs that Plimsoll accepts, all rules and all dashboards', async () => {
      const { objects } = await rendered(everything);
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
      expect([...named.keys()]).toEqual(
        expect.arrayContaining(['ServiceMonitor plimsoll', 'ServiceMonitor plimsoll-exporter']),
      );
    });

    test('alone it renders the service, its config and its network policy', async () => {
      const { objects } = await rendered({ config: everything.config });
      expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
        'ConfigMap',
        'NetworkPolicy',
        'Service',
        'ServiceAccount',
        'StatefulSet',
      ]);
    });

    test('the login with an identity provider is in the config, and its secret is where the config refers to', async () => {
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
      const { objects, text } = await rendered({
        config: { ...everything.config, service },
        service: { secrets: ['plimsoll-oidc'] },
      });
      const config = objects.find(({ metadata }) => metadata.name === 'plimsoll-config')?.data?.['plimsoll.yaml'];
      expect(parse(config ?? '')).toMatchObject({ service: { ...service, listen: '0.0.0.0:18761' } });
      expect(ConfigFile.safeParse(parse(config ?? '')).error).toBeUndefined();
      expect(text).toContain('mountPath: /etc/plimsoll-secrets/plimsoll-oidc');
      expect(text).toMatch(/name: secret-plimsoll-oidc\n\s+secret: \{ secretName: plimsoll-oidc/);
    });

    test.each([
      ['no cluster', {}, /clusters/],
      ['an unknown key', { ...everything, exporter: { enabled: true } }, /exporter/],
      ['an address without a length', { ...everything, networkPolicy: { reaches: ['10.20.0.1'] } }, /reaches/],
    ])('refuses values with %s', async (_, values, message) => {
      await expect(rendered(values)).rejects.toThrow(message);
    });
  });
