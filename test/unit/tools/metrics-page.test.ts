import { expect, test } from 'vitest';
import { describeCompatibility } from '../../../tools/compatibility-page.ts';
import { describeMetrics } from '../../../tools/metrics-page.ts';
import { parseExposition } from '../../support/exposition.ts';
import { renderGoldenPage } from '../../support/golden-metrics-page.ts';

test('every metric on the page is described', async () => {
  const page = describeMetrics([]);
  const names = [...parseExposition(await renderGoldenPage()).types.keys()];
  expect(names.filter((name) => !['`', '{'].some((end) => page.includes(`\`${name}${end}`)))).toEqual([]);
});

test('says where a value differs from the exporter followed', () =>
  expect(describeCompatibility()).toMatch(
    /- `kafka_consumergroup_lag`: a partition the group never committed in has no series/,
  ));
