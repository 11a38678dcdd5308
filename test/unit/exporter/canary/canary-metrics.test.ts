import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createCanaryMetrics, canaryMetrics } from '../../../../exporter/canary/canary-metrics.ts';
import { createFamilies } from '../../../../exporter/exposition/families.ts';
import { parseExposition } from '../../../support/exposition.ts';
import { textOf } from '../../../support/golden-metrics-page.ts';
import { requires } from '../../../support/prerequisites.ts';

async function pageOfEverything() {
  const metrics = createCanaryMetrics();
  const record = metrics.of('lab "eu"');
  record.up(true);
  record.sent('1');
  record.took('1', 'produce', 0.012);
  record.took('1', 'round_trip', 0.031);
  record.failed('1', 'consume', 'NOT_LEADER_OR_FOLLOWER');
  record.lost('1', 'produce');
  const page = createFamilies();
  const { definitions, lines } = await metrics.families();
  page.add(definitions, lines);
  return page;
}

test('every canary metric is on the page with the type and help of its definition', async () => {
  const { types, help } = parseExposition(textOf(await pageOfEverything()));
  expect(Object.fromEntries(types)).toEqual(
    Object.fromEntries(Object.entries(canaryMetrics).map(([name, { type }]) => [name, type])),
  );
  for (const [name, definition] of Object.entries(canaryMetrics)) expect(help.get(name)).toBe(definition.help);
});

test('a loss is visible as an increase, because the counter is exported as 0 from the first message on', async () => {
  const { samples } = parseExposition(textOf(await pageOfEverything()));
  const labels = (step: string) => `{broker="1",cluster="lab "eu"",step="${step}"}`;
  expect(samples.get(`plimsoll_canary_lost_total${labels('produce')}`)).toBe('1');
  expect(samples.get(`plimsoll_canary_lost_total${labels('consume')}`)).toBe('0');
});

requires('promtool').test('promtool reports no problem with the page of a canary', async () => {
  const input = textOf(await pageOfEverything());
  const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
});
