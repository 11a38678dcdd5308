import { expect, test } from 'vitest';
import { scenariosOf } from '../../../../../analyzer/planning/sizing/scenarios.ts';
import { loadDraws } from '../../../../../analyzer/planning/sizing/cluster-load-draws.ts';
import { LoadTerms } from '../../../../../analyzer/planning/sizing/load-terms.ts';
import { planSamplesOf } from '../../../../../analyzer/planning/sizing/plan-samples.ts';
import type { Build } from '../../../../../analyzer/planning/sizing/request.ts';
import { domainOf, policyWith, requestOf } from '../../../../support/sized.ts';

const policy = policyWith({});

/** Mean refill traffic of replaced brokers, divided by the load of one broker. */
function refillsOf(build: Build, brokers: number) {
  const request = requestOf(domainOf({ placement: { survive: { brokers, zones: 0, group: false } } }));
  const load = loadDraws(request, { ...build, clusters: 1, masters: 3 }, planSamplesOf('test', 0), policy);
  const { terms } = new LoadTerms(load, scenariosOf(build, request, policy));
  const filled = (resource: 'network-in' | 'network-out') => {
    const term = terms.find((each) => each.scenario.rebuild !== 'none' && each.resource === resource);
    const { base, catchUp, rebuild } = load.rate[resource];
    const [own = 0, others = 0, usual = 0, caught = 0, part = 0] = [
      term?.own,
      term?.others,
      base,
      catchUp,
      rebuild,
    ].map((each) => each?.at(-1));
    return (own + others - usual - caught) / part;
  };
  return { received: filled('network-in'), sent: filled('network-out') };
}

test('the other Kafka brokers send the data of every lost broker, and each replacement receives its share', () => {
  const kafka: Build = { broker: 'kafka', mode: 'kraft', replicas: 3 };
  for (const brokers of [1, 2, 3]) {
    const { received, sent } = refillsOf(kafka, brokers);
    expect([received, sent]).toEqual([expect.closeTo(1, 6), expect.closeTo(brokers, 6)]);
  }
});

test('a RocketMQ master refills as many of its slaves as may be lost at once', () => {
  const withSlaves = (slaves: number): Build => ({ broker: 'rocketmq', mode: 'master-slave', replicas: 1 + slaves });
  const sent = (slaves: number, brokers: number) => refillsOf(withSlaves(slaves), brokers).sent;
  expect([sent(1, 1), sent(1, 2), sent(2, 2)]).toEqual([1, 1, 2].map((each) => expect.closeTo(each, 6)));
});
