import { expect, test } from 'vitest';
import { AnalyzerConfig, resolvePolicy } from '../../../../core/policy/policy-config.ts';
import { readDefaultPolicy } from '../../../../core/policy/policy.ts';

test('without a config, the policy is the default policy', () => expect(resolvePolicy()).toEqual(readDefaultPolicy()));

test('a configured value replaces that of the default policy and has its key as source', () => {
  const policy = resolvePolicy(AnalyzerConfig.parse({ policy: { network: '60%', confirmationTime: '5m' } }));
  const shipped = readDefaultPolicy();
  expect(policy.limits['network-out']).toEqual({ value: 0.6, source: 'config, analyzer.policy.network' });
  expect(policy.confirmationSeconds.value).toBe(300);
  expect(policy.limits.cpu).toEqual(shipped.limits.cpu);
  expect(resolvePolicy(AnalyzerConfig.parse({ slo: { publishLatencyP99: '50ms' } })).slo).toEqual({
    publishLatencyP99: { value: 0.05, source: 'config, analyzer.slo.publishLatencyP99' },
  });
});

test.each([{ cpu: 1.5 }, { network: '80' }, { confirmationTime: '10' }, { gpu: 0.5 }])('rejects %o', (policy) => {
  expect(AnalyzerConfig.safeParse({ policy }).success).toBe(false);
});
