import { expect, test } from 'vitest';
import { createPlan } from '../../../../../loadgen/plan/plan.ts';
import { proxyMisfits } from '../../../../../loadgen/plan/workload/proxy-fit.ts';
import { completeWorkload, WorkloadFile } from '../../../../../loadgen/plan/workload.ts';
import { whyNotCalibrated } from '../../../../../loadgen/execute/calibration/calibrate.ts';

const workloadOf = (written: object) =>
  completeWorkload(
    WorkloadFile.parse({ messageSize: '1KiB', profile: { kind: 'constant', rate: 1, duration: '1s' }, ...written }),
    {},
  );
const planOf = (config: object, written = {}) =>
  createPlan({
    id: 'r',
    cluster: { name: 'c', broker: 'rocketmq', config },
    workload: workloadOf(written),
    keepTopic: false,
    policy: {} as never,
  });
const proxied = { proxy: { address: '10.0.0.1:8081' } };

test.each([
  [{ acks: 'none' }, /^acks: a proxy answers/],
  [{ requests: 'batch' }, /^requests: through a proxy each message/],
  [{ compression: 'zlib' }, /^compression: /],
  [{ transactions: {} }, /^transactions: /],
  [{ delay: { level: 3 } }, /^delay: /],
  [{ ordered: true }, /^ordered: a proxy chooses/],
  [{ groups: [{ mode: 'pull' }] }, /^groups: mode pull/],
  [{ groups: [{ commits: 'never' }] }, /^groups: commits never/],
])('%j is refused through a proxy', (written, words) => {
  const problems = [...proxyMisfits(workloadOf(written))];
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(words);
});

test('the error of a plan names the proxy', () =>
  expect(() => planOf(proxied, { ordered: true })).toThrow(
    /does not fit RocketMQ through proxy 10\.0\.0\.1:8081: ordered/,
  ));

test('through a proxy each message is a request, and no calibration runs', () => {
  expect(planOf(proxied).workload.requests).toBe('single');
  expect(whyNotCalibrated(planOf(proxied))).toMatch(/proxy/);
});

test('without a proxy nothing changes', () => {
  expect(planOf({}).workload.requests).toBeUndefined();
  expect(whyNotCalibrated(planOf({}))).toBeUndefined();
});
