import { expect, test } from 'vitest';
import type { ClusterPlan } from '../../../../core/documents/cluster-plan.ts';
import { factsFrom, type FactSource, type Subject } from '../../../../ops/cluster-check/fact.ts';
import { jvmSetup } from '../../../../ops/cluster-check/facts/jvm-flags.ts';
import { judge } from '../../../../ops/cluster-check/judge.ts';
import { readRules } from '../../../../ops/cluster-check/rules.ts';
import { renderPlan } from '../../../../ops/render/render-plan.ts';
import { plannedCluster } from '../../../support/cluster-plan.ts';

const rules = readRules();
const missing = (name: string) => ({ kind: 'not-there' as const, reason: `${name} is the default` });

function valuesOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('=') && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** The facts that the rendered files determine on a host. */
function subjectsOf(plan: ClusterPlan, host: string, files: ReturnType<typeof renderPlan>): Subject[] {
  const textOf = (name: string) => files.find(({ path }) => path === `${plan.name}/${host}/${name}`)?.text ?? '';
  const { memoryBytes, cores } = plan.shape;
  const config = valuesOf(textOf(plan.broker === 'kafka' ? 'server.properties' : 'broker.conf'));
  const flags = (/JAVA_OPTIONS="(.*)"/.exec(textOf('jvm.env'))?.[1] ?? '').split(' ');
  const running = { jvm: { flags, version: '17.0.1' } };
  const { others, ...jvm } = jvmSetup(running, memoryBytes);
  const { heapBytes = 0, directBytes = 0 } = jvm;
  const share = (heapBytes + (plan.broker === 'rocketmq' ? directBytes + 0.4 * memoryBytes : 0)) / memoryBytes;
  const source = (values: Parameters<typeof factsFrom>[0]): FactSource => factsFrom(values, host, missing);
  const sources = {
    sysctl: source(valuesOf(textOf('sysctl.conf'))),
    config: source(config),
    jvm: source({ ...others, ...jvm, heapShareOfMemory: heapBytes / memoryBytes }),
    host: source({ ramBytes: memoryBytes, cores, promisedMemoryShare: share }),
    process: source({
      openFilesLimit: /LimitNOFILE=(\d+)/.exec(
        textOf(plan.broker === 'kafka' ? 'kafka-broker.service' : 'rocketmq-broker.service'),
      )?.[1],
      isMaster: config['brokerRole'] !== 'SLAVE',
      hasQuorum: plan.mode === 'dledger' || plan.mode === 'controller',
    }),
    cluster: source({ brokers: plan.brokers.length, mustNotLose: plan.domains.some(({ loss }) => loss === 'never') }),
  };
  return (['host', 'broker'] as const).map((on) => ({ on, id: host, sources, names: {} }));
}

const loss = (of: 'may-lose' | 'acknowledged' | 'never', over: Partial<ClusterPlan>): ClusterPlan => {
  const plan = plannedCluster(over);
  return { ...plan, domains: plan.domains.map((domain) => ({ ...domain, loss: of })) };
};

test.each([
  ['Kafka', loss('acknowledged', { broker: 'kafka' }), 20],
  ['DLedger', loss('never', { mode: 'dledger' }), 25],
  ['master and slave', loss('acknowledged', { mode: 'master-slave' }), 20],
  ['a fixed master that must not lose', loss('never', { mode: 'master-slave' }), 20],
  ['a controller', loss('acknowledged', { mode: 'controller' }), 20],
] as const)('a host rendered for %s violates no rule of the cluster check', (_, plan, least) => {
  const files = renderPlan([plan]);
  // The first broker, a master or member, and the next one.
  for (const { host } of plan.brokers.slice(0, 2)) {
    const outcomes = judge(rules, subjectsOf(plan, host, files), plan.broker);
    expect(outcomes.filter(({ kind }) => kind === 'broken').map(({ rule }) => rule.id)).toEqual([]);
    expect(outcomes.filter(({ kind }) => kind === 'kept').length).toBeGreaterThanOrEqual(least);
  }
});
