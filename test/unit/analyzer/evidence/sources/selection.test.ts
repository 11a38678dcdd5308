import { expect, test } from 'vitest';
import type { Candidate } from '../../../../../analyzer/evidence/sources/discovery.ts';
import type { FigureName } from '../../../../../analyzer/evidence/sources/figures.ts';
import { readNamingSchemes } from '../../../../../analyzer/evidence/sources/naming-schemes.ts';
import { choose, identify } from '../../../../../analyzer/evidence/sources/selection.ts';

const schemes = readNamingSchemes();

function candidate(schemeName: string, figure: FigureName, ...labels: Record<string, string>[]): Candidate {
  const scheme = schemes.find((each) => each.scheme === schemeName);
  const alternative = scheme?.figures[figure]?.[0];
  if (scheme === undefined || alternative === undefined) throw new Error(`${schemeName} has no ${figure}`);
  const present = labels.map((each) => ({ labels: each, values: Float64Array.from([1, 1]) }));
  return { scheme, figure, alternative, present, scrapeSeconds: 15 };
}
const chosen = (candidates: Candidate[], cluster?: string, stated?: Parameters<typeof identify>[2]) =>
  choose(candidates, identify(candidates, cluster, stated)).map(({ candidate: { figure, scheme }, targets }) => [
    figure,
    scheme.scheme,
    ...targets,
  ]);

const told = candidate(
  'kafka-exporter',
  'brokerAddress',
  { id: '1', address: 'kafka-1.example:9092' },
  { id: '2', address: 'kafka-2.example:9092' },
);

test('a broker has the id that belongs to its reported address, whatever the exporter calls it', () => {
  const jmx = candidate(
    'jmx-exporter',
    'messagesInPerSecond',
    { instance: 'kafka-1:7071' },
    { instance: 'kafka-2:7071' },
  );
  expect(chosen([jmx, told])[0]).toEqual(['messagesInPerSecond', 'jmx-exporter', '1', '2']);
});

test('a broker that is scraped by its IP address has its id if the config states its host', () => {
  const jmx = candidate(
    'jmx-exporter',
    'messagesInPerSecond',
    { instance: '10.0.1.11:7071' },
    { instance: '10.0.1.12:7071' },
  );
  const brokers = { 1: { host: '10.0.1.11' }, 2: { host: '10.0.1.12' } };
  expect(chosen([jmx, told])[0]).toEqual(['messagesInPerSecond', 'jmx-exporter', '10.0.1.11', '10.0.1.12']);
  const stated = { hosts: {}, brokers };
  expect(chosen([jmx, told], undefined, stated)[0]).toEqual(['messagesInPerSecond', 'jmx-exporter', '1', '2']);
});

test('a broker without a reported address has its id if the config states its host', () => {
  // kafka_exporter without kafka_broker_info identifies leaders by id.
  const leaders = candidate('kafka-exporter', 'leaders', { leader: '1' }, { leader: '2' });
  const jmx = candidate(
    'jmx-exporter',
    'messagesInPerSecond',
    { instance: 'kafka-1:7071' },
    { instance: 'kafka-2:7071' },
  );
  const stated = { hosts: {}, brokers: { 1: { host: 'kafka-1' }, 2: { host: 'kafka-2' } } };
  expect(chosen([jmx, leaders], undefined, stated)).toEqual([
    ['messagesInPerSecond', 'jmx-exporter', '1', '2'],
    ['leaders', 'kafka-exporter', '1', '2'],
  ]);
});

test('a broker that moved to another host has the same id on both hosts', () => {
  const moved = candidate(
    'kafka-exporter',
    'brokerAddress',
    { id: '3', address: 'kafka-3.example:9092' },
    { id: '3', address: 'kafka-4.example:9092' },
  );
  const jmx = candidate(
    'jmx-exporter',
    'messagesInPerSecond',
    { instance: 'kafka-3:7071' },
    { instance: 'kafka-4:7071' },
  );
  expect(chosen([jmx, moved])[0]).toEqual(['messagesInPerSecond', 'jmx-exporter', '3']);
});

test('a RocketMQ master that another exporter names by its group is one broker', () => {
  const addresses = [
    candidate(
      'plimsoll-rocketmq',
      'brokerAddress',
      { broker: 'broker-a:0', address: '10.0.0.1:10911' },
      { broker: 'broker-a:1', address: '10.0.0.2:10911' },
    ),
    candidate('rocketmq-exporter', 'brokerAddress', { broker: 'broker-a', brokerIP: '10.0.0.1:10911' }),
  ];
  const [own, other, native] = [
    candidate('plimsoll-rocketmq', 'messagesInPerSecond', { broker: 'broker-a:0' }, { broker: 'broker-a:1' }),
    candidate('rocketmq-exporter', 'messagesInPerSecond', { broker: 'broker-a' }),
    candidate('rocketmq-native', 'messagesInPerSecond', { node_id: 'broker-a', instance: 'rmq-a:5557' }),
  ];
  expect(chosen([own, native, other, ...addresses]).slice(0, 1)).toEqual([
    ['messagesInPerSecond', 'plimsoll-rocketmq', 'broker-a:0', 'broker-a:1'],
  ]);
  const names = chosen([other, ...addresses]).map(([, , ...targets]) => targets);
  expect(names[0]).toEqual(['broker-a:0']);
});

test('the first scheme with a broker provides its figure, and the next scheme the remaining brokers', () => {
  const own = candidate('plimsoll-kafka', 'messagesInPerSecond', { broker: '1' });
  const jmx = candidate(
    'jmx-exporter',
    'messagesInPerSecond',
    { instance: 'kafka-1:7071' },
    { instance: 'kafka-2:7071' },
  );
  expect(chosen([own, jmx, told]).slice(0, 2)).toEqual([
    ['messagesInPerSecond', 'plimsoll-kafka', '1'],
    ['messagesInPerSecond', 'jmx-exporter', '2'],
  ]);
});

test('two brokers on one host keep the names of their exporters', () => {
  const jmx = candidate('jmx-exporter', 'messagesInPerSecond', { instance: 'a:7071' }, { instance: 'a:7072' });
  const info = candidate(
    'kafka-exporter',
    'brokerAddress',
    { id: '1', address: 'a:9092' },
    { id: '2', address: 'a:9093' },
  );
  expect(chosen([jmx, info])[0]).toEqual(['messagesInPerSecond', 'jmx-exporter', 'a:7071', 'a:7072']);
});

test('reads series of the named cluster and series without a cluster, and requires a name for several clusters', () => {
  const jmx = candidate(
    'jmx-exporter',
    'messagesInPerSecond',
    { broker: '1', cluster: 'a' },
    { broker: '2', cluster: 'b' },
    { broker: '3' },
  );
  expect(chosen([jmx], 'b')[0]).toEqual(['messagesInPerSecond', 'jmx-exporter', '2', '3']);
  expect(() => chosen([jmx])).toThrow('the source holds several clusters: a, b');
  expect(() => chosen([jmx], 'c')).toThrow('holds no cluster c, and several others: a, b');
});

test('a single cluster with another name is used and marked as such', () => {
  const jmx = candidate('jmx-exporter', 'messagesInPerSecond', { broker: '1', cluster: 'a' });
  expect(identify([jmx], 'c')).toMatchObject({ cluster: 'a', isOtherName: true });
});

test('with too many hosts, only hosts of brokers or of the config are read', () => {
  const many = Array.from({ length: 60 }, (_, index) => ({ instance: `10.0.0.${index}:9100` }));
  const cores = candidate('node-exporter', 'cores', ...many);
  const jmx = candidate('jmx-exporter', 'messagesInPerSecond', { instance: '10.0.0.7:7071' });
  const stated = { hosts: { '10.0.0.9': {} }, brokers: {} };
  expect(chosen([cores, jmx], undefined, stated)[0]).toEqual(['cores', 'node-exporter', '10.0.0.7', '10.0.0.9']);
  expect(chosen([candidate('node-exporter', 'cores', ...many.slice(0, 20)), jmx])[0]).toHaveLength(22);
});
