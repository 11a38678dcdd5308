import { expect, test } from 'vitest';
import { bundlesOf, questionOf } from '../../../../app/ab-test/question.ts';
import { refuseUnknownParameter } from '../../../../app/ab-test/running-setting.ts';
import { handSteps } from '../../../../app/ab-test/steps.ts';
import {
  parseGetBrokerConfig,
  parseGetNameServerConfig,
} from '../../../../brokers/rocketmq/protocol/broker-requests.ts';
import { captured, capturedVersions } from '../../../support/rocketmq-answers.ts';

const question = questionOf('num.io.threads=8,16');

test('reads a parameter and its two values', () =>
  expect(question).toEqual({ parameter: 'num.io.threads', a: '8', b: '16' }));

test.each([undefined, 'num.io.threads', 'num.io.threads=8', 'a=1,2,3', 'a=1,', '=1,2', 'a=8,8', 'a b=1,2'])(
  'rejects %j and shows the syntax',
  (word) => expect(() => questionOf(word)).toThrow(expect.objectContaining({ code: 'usage' })),
);

test('accepts bundles named A and B, or named by the values', () => {
  const expected = [
    { side: 'a', directory: 'r1' },
    { side: 'a', directory: 'r4' },
    { side: 'b', directory: 'r2' },
  ];
  expect(bundlesOf(['A=r1,r4', 'B=r2'], question)).toEqual(expected);
  expect(bundlesOf(['8=r1,r4', '16=r2'], question)).toEqual(expected);
});

test.each([['C=r1'], ['r1'], ['A='], ['A=r1,r1']])('rejects %j', (word) =>
  expect(() => bundlesOf([word], question)).toThrow(expect.objectContaining({ code: 'usage' })),
);

test.each(capturedVersions)('rejects a parameter that no %s broker has, and suggests the nearest one', (version) => {
  const broker = parseGetBrokerConfig(captured(version, 'broker-config.properties'));
  const server = parseGetNameServerConfig(captured(version, 'name-server-config.properties'));
  const processes = [
    { of: 'broker' as const, id: 'broker-a:0', values: broker },
    { of: 'name-server' as const, id: '127.0.0.1:9876', values: server },
  ];
  const refusal = { code: 'usage', hint: 'did you mean sendMessageThreadPoolNums?' };
  expect(() => refuseUnknownParameter('sendMessageThredPoolNums', { processes })).toThrow(
    expect.objectContaining(refusal),
  );
  expect(() => refuseUnknownParameter('kvConfigPath', { processes })).toThrow('no broker has a setting kvConfigPath');
  expect(() => refuseUnknownParameter('sendMessageThreadPoolNums', { processes })).not.toThrow();
  expect(() => refuseUnknownParameter('any', { processes: processes.slice(1) })).not.toThrow();
});

test('accepts a per-listener Kafka setting by its general name, and rejects one that no broker has', () => {
  // Like DescribeConfigs, lists settings of a listener only once they are set.
  const values = new Map([['max.connections', '2147483647']]);
  const processes = [{ of: 'broker' as const, id: '1', values }];
  expect(() => refuseUnknownParameter('listener.name.internal.max.connections', { processes })).not.toThrow();
  expect(() => refuseUnknownParameter('listener.name.internal.max.conections', { processes })).toThrow(
    'no broker has a setting listener.name.internal.max.conections',
  );
});

test('the manual steps set each value once for two consecutive turns and end with the comparison', () => {
  const steps = handSteps(question, {
    kind: 'kafka',
    cluster: 'orders',
    clusterArgs: ' --config prod.yaml --cluster orders',
    workload: 'find-safe.yaml',
    turns: ['a', 'b', 'b', 'a'],
    out: 'runs/w',
  });
  expect(steps.filter((step) => step.startsWith('set '))).toHaveLength(3);
  const runs = steps.filter((step) =>
    step.startsWith('plimsoll run find-safe.yaml --config prod.yaml --cluster orders '),
  );
  expect(runs).toHaveLength(4);
  expect(steps[0]).toContain('`plimsoll get brokers --config prod.yaml --cluster orders`');
  expect(steps.at(-1)).toBe(
    'plimsoll ab-test num.io.threads=8,16 --bundles A=runs/w/turn-1-a,runs/w/turn-4-a B=runs/w/turn-2-b,runs/w/turn-3-b',
  );
});
