import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { renderGoldenRocketmqPage } from '../../support/golden-rocketmq-page.ts';
import { requires } from '../../support/prerequisites.ts';

requires('promtool').test('promtool reports no problem with the page of a RocketMQ cluster', async () => {
  const input = await renderGoldenRocketmqPage();
  const { stderr, stdout, status } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
});
