import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { internalMetrics } from '../../../../brokers/kafka/internals/bean-metrics.ts';
import { ConfigFile, readConfig } from '../../../../app/config/config-file.ts';
import { repeatedClusters } from '../../../../app/config/repeated-clusters.ts';
import { labDirectory } from '../../../../cli/options.ts';
import { configPath as labConfigPath } from '../../../../lab/stop-lab.ts';

const { signal } = new AbortController();
const examples = fileURLToPath(new URL('../../../../examples/', import.meta.url));

async function check(text: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-config-'));
  try {
    await writeFile(join(folder, 'plimsoll.yaml'), text);
    const reading = await readConfig(join(folder, 'plimsoll.yaml'), { signal });
    return reading.kind === 'valid' ? [] : reading.problems.map(({ path, message }) => `${path}: ${message}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const cluster =
  'clusters: { lab: { broker: kafka, bootstrap: ["127.0.0.1:9092"], brokers: { "1": { host: broker-1 } } } }';

test('finds a cluster under two names by the ids in the config', () => {
  const kafka = (clusterId?: string) => ({ broker: 'kafka', bootstrap: ['127.0.0.1:9092'], clusterId });
  const rocketmq = (...brokers: string[]) => ({
    broker: 'rocketmq',
    namesrv: ['127.0.0.1:9876'],
    clusterId: { name: 'DefaultCluster', brokers },
  });
  const repeated = (clusters: object) =>
    repeatedClusters(ConfigFile.parse({ clusters })).map(({ path, message }) => `${path}: ${message}`);
  expect(repeated({ a: kafka('one'), b: kafka('two'), c: kafka('one'), d: kafka(), e: kafka() })).toEqual([
    expect.stringMatching(/^clusters\.c: clusterId is that of clusters\.a,/),
  ]);
  const on = (host: string) => `broker-a@${host}:10911`;
  expect(repeated({ a: rocketmq(on('mq-1')), b: rocketmq(on('mq-2')), c: rocketmq(on('mq-3'), on('mq-1')) })).toEqual([
    expect.stringMatching(/^clusters\.c: clusterId is that of clusters\.a,/),
  ]);
});

test('reports hosts that are referenced but not defined', async () => {
  expect(await check(`${cluster}\nhosts: { brokr-1: { probe: local } }\nloadgen: { host: generator }`)).toEqual([
    'clusters.lab.brokers.1.host: unknown host "broker-1" under hosts; did you mean brokr-1? (hosts: brokr-1)',
    'loadgen.host: unknown host "generator" under hosts (hosts: brokr-1)',
  ]);
});

test('reports hosts of proxies that are not defined', async () => {
  const proxied = (hosts: string) =>
    check(
      `clusters: { lab: { broker: rocketmq, namesrv: ["127.0.0.1:9876"], proxy: { address: "127.0.0.1:8081", hosts: ${hosts} } } }\nhosts: { gateway: { probe: local } }`,
    );
  expect(await proxied('[gateway]')).toEqual([]);
  expect(await proxied('[gateway, gatway]')).toEqual([
    'clusters.lab.proxy.hosts[1]: unknown host "gatway" under hosts; did you mean gateway? (hosts: gateway)',
  ]);
});

test('reports clusters and modules of the exporter that are not defined', async () => {
  const exporter = 'exporter: { clusters: { labs: {} }, targets: [{ module: sasl, file: clusters.json }] }';
  expect(await check(`${cluster}\nhosts: { broker-1: { probe: local } }\n${exporter}`)).toEqual([
    'exporter.clusters.labs: unknown cluster "labs" under clusters; did you mean lab? (clusters: lab)',
    'exporter.targets[0].module: unknown module "sasl" under exporter.modules (no modules are configured)',
  ]);
});

test('reports clusters of client ids that are not defined', async () => {
  const checked = (name: string) =>
    check(`${cluster}\nhosts: { broker-1: { probe: local } }\nservice: { clientIds: { ${name}: { orders: shop } } }`);
  expect(await checked('lab')).toEqual([]);
  expect(await checked('labs')).toEqual([
    'service.clientIds.labs: unknown cluster "labs" under clusters; did you mean lab? (clusters: lab)',
  ]);
});

test('rejects an impossible broker id, and shows a valid one', async () => {
  const kafka = (more: string) => `clusters: { lab: { broker: kafka, bootstrap: ["127.0.0.1:9092"], ${more} } }`;
  const rocketmq = (more: string) => `clusters: { lab: { broker: rocketmq, namesrv: ["127.0.0.1:9876"], ${more} } }`;
  const url = 'http://127.0.0.1:5557/metrics';
  expect(await check(kafka(`jmx: { broker-1: "${url}" }`))).toEqual([
    'clusters.lab.jmx.broker-1: a broker of Kafka has a number for its id (node.id or broker.id)',
  ]);
  expect(await check(kafka('brokers: { kafka-1: { host: here } }') + '\nhosts: { here: { probe: local } }')).toEqual([
    'clusters.lab.brokers.kafka-1: a broker of Kafka has a number for its id (node.id or broker.id)',
  ]);
  expect(await check(rocketmq(`nativeMetrics: { broker-a: "${url}" }`))).toEqual([
    'clusters.lab.nativeMetrics.broker-a: a broker of RocketMQ is named brokerName:brokerId, such as broker-a:0',
  ]);
  expect(await check(rocketmq(`nativeMetrics: { "broker-a:0": "${url}" }`))).toEqual([]);
});

test('rejects a production window that is too short to be analyzed', async () => {
  const window = (span: string) => check(`service: { schedule: { window: ${span} } }`);
  expect(await window('1h')).toEqual([
    'service.schedule.window: an analysis of production needs 4h or more, several days if possible',
  ]);
  expect(await window('4h')).toEqual([]);
});

test('rejects a scheduled job with a too short interval', async () => {
  const schedule = (text: string) => check(`service: { schedule: { ${text} } }`);
  expect(await schedule('readings: 0s, analysis: 0s, forecast: 30s')).toEqual([
    'service.schedule.readings: give 5s or more',
    'service.schedule.analysis: give 1m or more; clusters without a source in service.clusters are not analysed',
    'service.schedule.forecast: give 1m or more; clusters without `load` in service.clusters get no forecast',
  ]);
  expect(await schedule('readings: 5s, analysis: 1m, forecast: 1m')).toEqual([]);
});

test('reports an undefined reference beside schema errors', async () => {
  const problems = await check(`${cluster}\nhots: {}`);
  expect(problems).toHaveLength(2);
  expect(problems.join('\n')).toContain('hots: unknown key; did you mean hosts?');
});

test('every example config is valid', async () => {
  const files = (await readdir(examples)).filter((name) => name.endsWith('.yaml')).map((name) => join(examples, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const configs = files.filter((_, index) => texts[index]?.includes('config.schema.json'));
  expect(configs).not.toHaveLength(0);
  for (const file of configs) expect(await readConfig(file, { signal }), file).toMatchObject({ kind: 'valid' });
});

test('an example whose guard reads internal metrics of brokers has their agents', async () => {
  const reading = await readConfig(join(examples, 'kafka-three-brokers.yaml'), { signal });
  if (reading.kind !== 'valid') throw new Error('not valid');
  const { clusters, loadgen } = reading.config;
  const queries = (loadgen?.guard.rules ?? []).flatMap((rule) => ('query' in rule ? [rule.query] : []));
  for (const query of queries.filter((each) => Object.keys(internalMetrics).some((name) => each.includes(name)))) {
    const [, name = ''] = /\{cluster="([^"]+)"/.exec(query) ?? [];
    expect(clusters[name], query).toMatchObject({ jmx: { '1': expect.anything() as unknown } });
  }
});

test('the error for a missing config file names the command that writes one and the options that replace it', async () =>
  await expect(readConfig('/nonexistent/plimsoll.yaml', { signal })).rejects.toMatchObject({
    code: 'config-unreadable',
    message: 'cannot read /nonexistent/plimsoll.yaml: no such file',
    hint: expect.stringMatching(/plimsoll init --bootstrap HOST:PORT.*--config FILE.*--bootstrap/) as string,
  }));

test('while a lab runs, the hint about a missing config file names the config of the lab', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-config-'));
  vi.stubEnv('XDG_STATE_HOME', folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  const ofLab = labConfigPath(labDirectory({ options: {}, environment: process.env }));
  const withHint = (hint: RegExp) => ({ hint: expect.stringMatching(hint) as string });
  await expect(readConfig('/nonexistent/plimsoll.yaml', { signal })).rejects.toMatchObject(
    withHint(/^write a config file with `plimsoll init/),
  );
  await mkdir(join(ofLab, '..'), { recursive: true });
  await writeFile(ofLab, cluster);
  await expect(readConfig('/nonexistent/plimsoll.yaml', { signal })).rejects.toMatchObject(
    withHint(new RegExp(`^for the running lab, add --config ${ofLab}; `)),
  );
});
