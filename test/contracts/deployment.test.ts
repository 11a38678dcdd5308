// Checks that deployment files name existing commands, options, ports and versions.

import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { commandsIn } from '../../cli/command-list.ts';
import { commands } from '../../cli/registry.ts';
import { ConfigFile } from '../../app/config/config-file.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const yamlOf = (path: string): unknown => parseAllDocuments(read(path))[0]?.toJS();
const { version } = JSON.parse(read('package.json')) as { version: string };
const listening = [ConfigFile.parse({}).service.listen, ConfigFile.parse({}).exporter.listen].map((address) =>
  Number(address.split(':').at(-1)),
);

/** Command that each file starts, as arguments of `plimsoll`. */
const started: [file: string, words: string[]][] = [
  ...globSync('deploy/systemd/*.service', { cwd: repository }).map((file): [string, string[]] => {
    const [, words = ''] = /^ExecStart=\S+\/plimsoll (.*)$/m.exec(read(file)) ?? [];
    return [file, words.split(' ')];
  }),
  [
    'deploy/docker/Dockerfile',
    z.array(z.string()).parse(JSON.parse(/^CMD (.*)$/m.exec(read('deploy/docker/Dockerfile'))?.[1] ?? '')),
  ],
  ...containers().map(({ file, container }): [string, string[]] => [file, container.args]),
];

test.each(started)('%s starts an existing command with options that it has', async (_, words) => {
  const [name = '', ...options] = words;
  const command = await commandsIn(commands)
    .find((listed) => listed.name === name)
    ?.load();
  const asked = options.filter((word) => word.startsWith('--')).map((word) => word.slice(2).replace(/=.*/, ''));
  expect(Object.keys(command?.options ?? {}), name).toEqual(expect.arrayContaining(asked));
});

test.each(started.filter(([file]) => !file.endsWith('.service')))(
  '%s listens on all addresses of its container, regardless of the config',
  (_, words) => {
    const { service, exporter } = ConfigFile.parse({});
    const [, port] = (words[0] === 'serve' ? service : exporter).listen.split(':');
    expect(words.join(' ').replaceAll('=', ' ')).toContain(` --listen 0.0.0.0:${port}`);
  },
);

test('load tests under systemd survive a restart and an out-of-memory kill of the service', () => {
  expect(read('deploy/systemd/plimsoll.service').split('\n')).toEqual(
    expect.arrayContaining(['KillMode=process', 'OOMPolicy=continue']),
  );
});

test.each(['plimsoll', 'plimsoll-exporter'])(
  '%s under systemd starts again after a reload signal during its start',
  (unit) => {
    // A stop causes no restart (systemd.service(5), Restart=).
    expect(read(`deploy/systemd/${unit}.service`)).toMatch(/^RestartForceExitStatus=130 SIGHUP$/m);
  },
);

test.each(['plimsoll', 'plimsoll-exporter'])('%s under systemd can read the mounts of process 1', (unit) => {
  // ProtectSystem=strict makes file systems of the unit read-only, and alerts ignore read-only file systems.
  expect(read(`deploy/systemd/${unit}.service`)).not.toMatch(/^(ProtectProc|ProcSubset)=/m);
});

test('install.sh creates folders that the services can read, and can resume after an interruption', () => {
  const script = read('deploy/systemd/install.sh');
  expect(script).toMatch(/^umask 022$/m);
  expect(script).toMatch(/^ *ln -sfnT "\$bundle" \/opt\/plimsoll\.new$/m);
});

test.each(containers().map(({ file, container }) => [file, container] as const))(
  'the container of %s has probes, limits, an open port and no further permissions',
  (_, { image, ports, resources, securityContext, ...container }) => {
    expect(image).toBe(`plimsoll:${version}`);
    expect(listening).toEqual(expect.arrayContaining(ports.map(({ containerPort }) => containerPort)));
    expect(resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(Object.keys(container)).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe', 'livenessProbe']));
  },
);

test.each(globSync('deploy/kubernetes/*/kustomization.yaml', { cwd: repository }))(
  '%s names every file of its folder, and has a network policy',
  (file) => {
    const folder = join(file, '..');
    const beside = globSync('*.yaml', { cwd: join(repository, folder) }).filter((name) => name !== basename(file));
    expect(beside.filter((name) => !read(file).includes(name))).toEqual([]);
    // An empty selector would apply this policy to every other pod of the namespace.
    const { labels } = yamlOf(file) as { labels: [{ pairs: object }] };
    expect(yamlOf(join(folder, 'networkpolicy.yaml'))).toMatchObject({
      spec: { podSelector: { matchLabels: labels[0].pairs } },
    });
  },
);

test.each(globSync('deploy/kubernetes/*/networkpolicy.yaml', { cwd: repository }))(
  '%s allows egress only to named destinations',
  (file) => {
    const Rule = z.object({
      to: z.array(z.object({}).catchall(z.unknown())).min(1),
      ports: z.array(z.unknown()).min(1),
    });
    const { spec } = z.object({ spec: z.object({ egress: z.array(Rule).min(1) }) }).parse(yamlOf(file));
    const open = spec.egress.flatMap(({ to }) => to.filter((each) => Object.keys(each).length === 0));
    expect(open).toEqual([]);
  },
);

/** Returns ports of addresses such as kafka-0.kafka:9092, http://collector:4318/v1/metrics and HOST:465. */
const portsIn = (path: string) =>
  [...read(path).matchAll(/(?:[a-z][\w.*-]*|[\d.]+\.\d+):([1-9]\d{1,4})\b/gi)].map(([, port]) => Number(port));
const configPages = [
  'docs/schema/config.schema.json',
  'docs/reference/brokers.md',
  'docs/how-to/show-broker-internals.md',
  ...globSync('examples/*.yaml', { cwd: repository }),
];
const metricServers = portsIn('docs/reference/telemetry-sources.md');
const mailServers = portsIn('docs/how-to/send-notifications.md');
/** Ports without an example: SSH, HTTPS, RocketMQ's own metrics. */
const usual = [22, 443, 5557];

const policies: [file: string, unused: number[]][] = [
  ['deploy/helm/plimsoll/templates/_helpers.tpl', []],
  ['deploy/kubernetes/service/networkpolicy.yaml', []],
  // Exporters neither read other sources nor send notifications.
  ['deploy/kubernetes/exporters/networkpolicy.yaml', [...metricServers, ...mailServers]],
];

test.each(policies)('%s allows connections to each port in the documentation of the config', (file, unused) => {
  const allowed = [...read(file).matchAll(/port: (\d+)(?:, endPort: (\d+))?/g)].map(([, first, last = first]) => ({
    first: Number(first),
    last: Number(last),
  }));
  expect(mailServers).toEqual(expect.arrayContaining([25, 465]));
  const named = new Set([...configPages.flatMap(portsIn), ...metricServers, ...mailServers, ...usual]);
  const dropped = [...named]
    .filter((port) => !listening.includes(port) && !unused.includes(port))
    .filter((port) => !allowed.some(({ first, last }) => first <= port && port <= last));
  expect(dropped).toEqual([]);
});

test.each(['deploy/helm/plimsoll/templates/service.yaml', 'deploy/kubernetes/service/statefulset.yaml'])(
  '%s allows the service ten minutes to check and migrate its history before it listens',
  (file) => {
    const probe = /startupProbe:.*?periodSeconds: (\d+).*?failureThreshold: (\d+)/s.exec(read(file));
    expect(Number(probe?.[1]) * Number(probe?.[2])).toBeGreaterThanOrEqual(600);
  },
);

test.each([
  ...globSync('deploy/kubernetes/*/statefulset.yaml', { cwd: repository }),
  'deploy/helm/plimsoll/templates/service.yaml',
  'deploy/helm/plimsoll/templates/exporters.yaml',
])('%s replaces a pod that never became ready when its template is corrected', (file) => {
  // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
  expect(read(file)).toMatch(/^ {2}podManagementPolicy: Parallel$/m);
});

test('the image is built for the platform of the builder, because TARGETARCH has no default', () => {
  // https://docs.docker.com/build/building/variables/#pre-defined-build-arguments
  const platforms = [...read('deploy/docker/Dockerfile').matchAll(/^ARG ((?:TARGET|BUILD)\w+)(.*)$/gm)];
  expect(platforms.map(([, name, rest]) => [name, rest])).toEqual([['TARGETARCH', '']]);
});

test('base images are pinned by digest', () => {
  const images = [...read('deploy/docker/Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(images.length).toBeGreaterThan(1);
  expect(images.filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image ?? ''))).toEqual([]);
});

test.each(globSync('deploy/kubernetes/*/plimsoll.yaml', { cwd: repository }))('%s is a valid config', (file) => {
  expect(ConfigFile.safeParse(yamlOf(file)).error).toBeUndefined();
});

test.each([
  ...globSync('deploy/kubernetes/*/statefulset.yaml', { cwd: repository }),
  'deploy/helm/plimsoll/templates/service.yaml',
  'deploy/helm/plimsoll/templates/exporters.yaml',
])('the container of %s can write the home folder of the image', (file) => {
  const [, home] = /^ENV HOME=(\S+)$/m.exec(read('deploy/docker/Dockerfile')) ?? [];
  expect(read(file)).toContain(`- { name: state, mountPath: ${home} }`);
});

test('the Helm chart has the version of the package', () => {
  expect(yamlOf('deploy/helm/plimsoll/Chart.yaml')).toMatchObject({ version, appVersion: version });
});

function containers() {
  const Container = z.looseObject({
    image: z.string(),
    args: z.array(z.string()),
    ports: z.array(z.object({ containerPort: z.number() })),
    resources: z.unknown(),
    securityContext: z.unknown(),
  });
  const Workload = z.object({
    spec: z.object({ template: z.object({ spec: z.object({ containers: z.array(Container) }) }) }),
  });
  return globSync('deploy/kubernetes/*/statefulset.yaml', { cwd: repository }).flatMap((file) =>
    Workload.parse(yamlOf(file)).spec.template.spec.containers.map((container) => ({
      file,
      container,
    })),
  );
}
