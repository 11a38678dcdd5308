import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { expectedRocketmqBrokers } from '../../../../dashboards/grafana/queries.ts';
import { rulesFolder } from '../../../support/alert-rules.ts';

interface Rules {
  groups: { rules: { record?: string; expr: string }[] }[];
}

test('the share of brokers that answer refers to the brokers that the alert on a missing broker expects', () => {
  const { groups } = parse(readFileSync(join(rulesFolder, 'rocketmq.yaml'), 'utf8')) as Rules;
  const rule = groups
    .flatMap(({ rules }) => rules)
    .find(({ record }) => record === 'cluster:rocketmq_brokers:expected');
  const spaceless = (text = '') => text.replaceAll(/\s/g, '');
  expect(spaceless(expectedRocketmqBrokers.replaceAll('{cluster=~"$cluster"}', ''))).toBe(spaceless(rule?.expr));
});
