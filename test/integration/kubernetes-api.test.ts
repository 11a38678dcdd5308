// Admits the chart and the Jobs of load workers to a real API server of Kubernetes, and discovers clusters through it.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { ConfigFile } from '../../app/config/config-file.ts';
import { everythingInChart, renderChart } from '../support/helm-chart.ts';
import { startApiServer, type ApiServer } from '../support/kube-apiserver.ts';
import * as objects from '../support/operator-objects.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { runWords } from '../support/run-words.ts';

const versions = ['v1beta2', 'v1'];
const Kubernetes = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
const Workload = z
  .looseObject({
    spec: z.looseObject({
      template: z.looseObject({
        metadata: z.looseObject({}),
        spec: z.looseObject({
          containers: z.array(z.unknown()),
          volumes: z.array(z.looseObject({ name: z.string() })).optional(),
        }),
      }),
    }),
  })
  .transform(({ spec }) => spec.template);
const clusterWide = new Set(['Namespace', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding']);
const plurals: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies', NameService: 'nameservices' };

if (fullMatrix)
  requires('go', 'openssl').describe('a Kubernetes API server', () => {
    let server: ApiServer;
    let folder = '';
    let token = '';
    const templates: z.output<typeof Workload>[] = [];

    /** Applies an object; server-side apply rejects unknown keys. @returns the object as admitted */
    async function apply(object: object): Promise<unknown> {
      const { path, name } = placeOf(object);
      const query = 'fieldManager=test&fieldValidation=Strict';
      const type = 'application/apply-patch+yaml';
      const { status, body } = await server.ask('PATCH', `${path}/${name}?${query}`, { body: object, type });
      expect([200, 201], `${path}/${name}: ${body}`).toContain(status);
      return JSON.parse(body);
    }

    /** Writes the status like the operator: through the subresource. */
    async function applyWithStatus(object: object & { status?: object }): Promise<void> {
      await apply(object);
      const { path, name } = placeOf(object);
      const type = 'application/merge-patch+json';
      const answer = await server.ask('PATCH', `${path}/${name}/status`, { body: { status: object.status }, type });
      expect(answer.status, answer.body).toBe(200);
    }

    function placeOf(object: object) {
      const { apiVersion, kind, metadata } = Kubernetes.parse(object);
      const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const namespace = clusterWide.has(kind) ? '' : `/namespaces/${metadata.namespace ?? 'monitoring'}`;
      return { path: `${base}${namespace}/${plurals[kind] ?? `${kind.toLowerCase()}s`}`, name: metadata.name };
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'plimsoll-kubeconfig-'));
      server = await startApiServer();
      for (const name of ['monitoring', 'kafka', 'mq']) {
        await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      }
      for (const [plural, kind] of [
        ['kafkas', 'Kafka'],
        ['kafkausers', 'KafkaUser'],
      ] as const) {
        await apply(objects.definition('kafka.strimzi.io', plural, kind, versions));
      }
      for (const [plural, kind] of [
        ['nameservices', 'NameService'],
        ['brokers', 'Broker'],
      ] as const) {
        await apply(objects.definition('rocketmq.apache.org', plural, kind, ['v1alpha1']));
      }
      for (const path of ['kafka.strimzi.io/v1/kafkausers', 'rocketmq.apache.org/v1alpha1/brokers']) {
        await vi.waitFor(async () => expect((await server.ask('GET', `/apis/${path}`)).status).toBe(200), 20_000);
      }
    }, 1_500_000);

    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    test('accepts every object of the chart with every part enabled', async () => {
      const { objects: rendered } = await renderChart(everythingInChart);
      const known = rendered.filter(({ kind }) => kind !== 'ServiceMonitor' && kind !== 'PrometheusRule');
      expect(known.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['StatefulSet', 'PodDisruptionBudget', 'NetworkPolicy', 'ClusterRole']),
      );
      for (const object of known) expect(await apply(object)).toMatchObject({ kind: object.kind });
      templates.push(...known.flatMap((each) => Workload.safeParse(each).data ?? []));
      const { body } = await server.ask('POST', '/api/v1/namespaces/monitoring/serviceaccounts/plimsoll/token', {
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
      });
      token = z.object({ status: z.object({ token: z.string() }) }).parse(JSON.parse(body)).status.token;
      // Builds helm the first time.
    }, 900_000);

    test('accepts the Secret and the Job of each load worker', async () => {
      const admission = join(folder, 'admission.json');
      const where = ['--connect', '10.0.0.5:7480', '--workers', 'job-1,job-2', '--admission', admission];
      const image = ['--image', 'registry.example/plimsoll:0.1.0', '--namespace', 'monitoring'];
      const secrets = ['--secrets', 'kafka-login,orders.kafka-login'];
      const { stdout, stderr } = await runWords('worker', 'manifests', ...where, ...image, ...secrets);
      const documents = parseAllDocuments(stdout).map((each) => Kubernetes.parse(each.toJS()));
      expect(documents, stderr).toHaveLength(4);
      for (const document of documents) {
        await apply(document);
        const { path, name } = placeOf(document);
        const { body } = await server.ask('GET', `${path}/${name}`);
        const { stringData, ...same } = document;
        expect(JSON.parse(body)).toMatchObject(same);
        for (const [key, value] of Object.entries(z.record(z.string(), z.string()).parse(stringData ?? {}))) {
          expect(JSON.parse(body)).toMatchObject({ data: { [key]: Buffer.from(value).toString('base64') } });
        }
      }
      templates.push(...documents.flatMap((each) => Workload.safeParse(each).data ?? []));
    });

    test('accepts pods of the chart and of load workers under the Pod Security Standard "restricted"', async () => {
      const namespace = 'restricted';
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
      for (const name of ['default', 'plimsoll', 'plimsoll-exporter']) {
        await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
      }
      expect(templates).toHaveLength(4);
      const pods = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
      const podOf = (template: object) => ({ apiVersion: 'v1', kind: 'Pod', ...template });
      for (const { metadata, spec } of templates) {
        // The controller adds the claimed volumes of a StatefulSet.
        const volumes = [...(spec.volumes ?? []), { name: 'state', emptyDir: {} }];
        const unique = volumes.filter(({ name }, index) => volumes.findIndex((each) => each.name === name) === index);
        const body = podOf({ metadata: { ...metadata, name: 'pod' }, spec: { ...spec, volumes: unique } });
        const answer = await server.ask('POST', pods, { body });
        expect(answer.status, answer.body).toBe(201);
      }
      const spec = { containers: [{ name: 'root', image: 'root', securityContext: { runAsUser: 0 } }] };
      expect(await server.ask('POST', pods, { body: podOf({ metadata: { name: 'root' }, spec }) })).toMatchObject({
        status: 403,
        body: expect.stringContaining('violates PodSecurity'),
      });
    });

    test("lets the chart's service account list clusters but read no Secret", async () => {
      const paths = [
        '/apis/kafka.strimzi.io/v1/kafkas',
        '/apis/rocketmq.apache.org/v1alpha1/brokers',
        '/api/v1/secrets',
      ];
      for (const [index, path] of paths.entries()) {
        // The server returns 429 while it starts to watch a new kind.
        const expected = index < 2 ? 200 : 403;
        await vi.waitFor(async () => expect((await server.ask('GET', path, { token })).status).toBe(expected), 20_000);
      }
    });

    const discover = async (...words: string[]) => {
      const kubeconfig = join(folder, 'kubeconfig');
      await writeFile(join(folder, 'ca.pem'), server.ca);
      await writeFile(
        kubeconfig,
        stringify({
          'current-context': 'test',
          contexts: [{ name: 'test', context: { cluster: 'test', user: 'plimsoll' } }],
          clusters: [{ name: 'test', cluster: { server: server.url, 'certificate-authority': 'ca.pem' } }],
          users: [{ name: 'plimsoll', user: { token } }],
        }),
      );
      return runWords('config', 'discover', '--kubeconfig', kubeconfig, ...words);
    };

    test('without clusters there is nothing to write, and discover reports this', async () => {
      expect(await discover('--out', '-')).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('the operators have no cluster that can be used'),
      });
    });

    test('discover writes a valid config with the clusters of both operators', async () => {
      const listeners = [objects.plain, objects.scram, objects.external];
      for (const [name, version] of [
        ['orders', 'v1beta2'],
        ['billing', 'v1'],
      ] as const) {
        const status = objects.listenerStatus(name, 'kafka', listeners);
        await applyWithStatus(objects.kafkaObject(version, { name, namespace: 'kafka', listeners, status }));
        const type = 'scram-sha-512';
        await applyWithStatus(
          objects.userObject(version, { name: 'plimsoll', namespace: 'kafka', cluster: 'orders', type }),
        );
      }
      await apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'plimsoll', namespace: 'kafka' },
        stringData: { password: 'never-printed' },
      });
      await applyWithStatus(objects.nameServiceObject('trade', 'mq', ['10.0.0.5', '10.0.0.6']));
      await apply(objects.brokerObject('broker', 'mq', ''));
      await apply(objects.brokerObject('legacy', 'mq', '10.9.0.1:9876'));

      const out = join(folder, 'plimsoll.yaml');
      const { exitCode, stderr } = await discover('--user', 'plimsoll', '--out', out);
      expect(exitCode, stderr).toBe(0);
      const written = await readFile(out, 'utf8');
      expect(written).toContain('# orders: kafka/orders, version 4.1.0');
      expect(written).toContain('service.secrets of the chart: orders-cluster-ca-cert, plimsoll');
      expect(written + stderr).not.toContain('never-printed');
      expect(parse(written)).toMatchObject({
        clusters: {
          billing: { broker: 'kafka', bootstrap: ['billing-kafka-bootstrap.kafka.svc:9092'] },
          orders: { bootstrap: ['orders-kafka-bootstrap.kafka.svc:9094'], sasl: { username: 'plimsoll' } },
          trade: { broker: 'rocketmq', namesrv: ['10.0.0.5:9876', '10.0.0.6:9876'] },
          legacy: { broker: 'rocketmq', namesrv: ['10.9.0.1:9876'] },
        },
      });
      expect(ConfigFile.safeParse(parse(written)).error).toBeUndefined();
    });

    test('discover reads more clusters in a namespace than fit on one page of the API', async () => {
      await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'many' } });
      for (let index = 0; index < 230; index += 1) {
        await applyWithStatus(objects.nameServiceObject(`mq-${index}`, 'many', [`10.1.0.${index}`]));
      }
      const { exitCode, stderr } = await discover('--namespace', 'many', '--out', '-');
      expect(stderr).toContain('230 clusters found');
      expect(exitCode).toBe(0);
    });

    test('discover names the list that its token may not read', async () => {
      await server.ask('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/plimsoll-discovery');
      await expect
        .poll(async () => (await discover('--out', '-')).stderr, { timeout: 10_000 })
        .toContain('/apis/kafka.strimzi.io/v1/kafkas is forbidden (403)');
    });
  });
