import { expect, test } from 'vitest';
import { SiteFile } from '../../../../core/documents/site.ts';
import type { InstanceFacts, InstanceTools } from '../../../../ops/instances/facts.ts';
import { instanceChanges } from '../../../../ops/instances/instance-changes.ts';
import { inRollingOrder, inStartingOrder } from '../../../../ops/instances/rolling-order.ts';
import { siteInstances } from '../../../../ops/render/site-instances.ts';

const machines = ['worker1', 'worker2', 'worker3'];
const site = SiteFile.parse({
  schemaVersion: 1,
  distributions: { 'kafka-3.9.1': { archive: 'kafka_2.13-3.9.1.tgz', sha512: 'a'.repeat(128) } },
  versions: { kafka: 'kafka-3.9.1' },
  supervisor: { kind: 'supervisord' },
  java: '/usr/lib/jvm/java-17',
  clusters: { orders: { broker: 'kafka', zookeepers: machines, brokers: machines } },
});
const instances = Object.entries(siteInstances(site).instances);

function stepsOf(action: 'install' | 'roll' | 'remove', order: ReturnType<typeof inRollingOrder>): string[] {
  const gate = { restoreLeaders: async () => ({ kind: 'done', evidence: [] }) };
  const tools = {
    hostOf: () => ({ commands: {} }),
    gate,
    all: Object.fromEntries(instances),
  } as unknown as InstanceTools;
  const facts: InstanceFacts = {
    action,
    order: order.map(([name, target]) => ({ name, target, wasRunning: action !== 'install' })),
    marks: {},
    install: { archives: {}, copies: [], files: {}, data: true },
  };
  return instanceChanges[action].steps(facts, tools).map(({ id }) => id);
}

test('installs Kafka with ZooKeeper so that all servers serve and have the cluster id before the first broker starts', () => {
  const ids = stepsOf('install', inStartingOrder(instances));
  const kept = ids.filter((id) => /^(?:format|start|await-serving|name)-/.test(id));
  const each = (step: string, of: string) => [1, 2, 3].map((number) => `${step}-orders-${of}-${number}`);
  expect(kept).toEqual([
    ...each('start', 'zookeeper'),
    ...each('await-serving', 'zookeeper'),
    'name-ensemble-orders',
    ...each('start', 'broker'),
    ...each('await-serving', 'broker'),
  ]);
});

test('a roll restarts each server before the broker of its host, checks health before each, and elects leaders for brokers only', () => {
  const order = inRollingOrder(instances);
  expect(order.slice(0, 3).map(([name]) => name)).toEqual([
    'orders-zookeeper-1',
    'orders-broker-1',
    'orders-zookeeper-2',
  ]);
  const ids = stepsOf('roll', order);
  for (const [name] of instances) {
    const stopped = ids.indexOf(`stop-${name}`);
    expect(ids.slice(0, stopped).at(-1)).toBe(`await-health-before-${name}`);
    expect(ids.includes(`elect-leaders-${name}`)).toBe(name.includes('broker'));
  }
});
