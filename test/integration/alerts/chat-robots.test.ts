// Sends alerts from a real Alertmanager through the hooks to channels that check as their vendors do.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, vi } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { createLogger } from '../../../core/log.ts';
import { createAccess } from '../../../service/access/create-access.ts';
import { ServiceConfig } from '../../../app/config/service.ts';
import { vendors } from '../../../app/config/service-hooks.ts';
import { createAlertLog } from '../../../service/hooks/alert-log.ts';
import { createHooksRouter } from '../../../service/hooks/router.ts';
import { shippedAlert } from '../../support/alert-rules.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { requires } from '../../support/prerequisites.ts';
import { robotSecret, startVendorRobots } from '../../support/vendor-robots.ts';

requires('alertmanager').test('what fires reaches every robot in its language, and so does its end', async () => {
  await using robots = await startVendorRobots(() => Date.now());
  vi.stubEnv('HOOKS_TOKEN', 'of-alertmanager');
  vi.stubEnv('ROBOT_SECRET', robotSecret);
  for (const vendor of vendors) vi.stubEnv(`ROBOT_${vendor}`, robots.url(vendor));
  const { hooks, ...config } = ServiceConfig.parse({
    hooks: {
      token: '${env:HOOKS_TOKEN}',
      grafana: 'https://grafana.example.com',
      runbooks: 'https://docs.example.com/runbooks',
      robots: Object.fromEntries(
        vendors.map((vendor) => [
          vendor,
          {
            vendor,
            url: `\${env:ROBOT_${vendor}}`,
            secret: '${env:ROBOT_SECRET}',
            language: vendor === 'wecom' ? 'en' : 'zh',
          },
        ]),
      ),
    },
  });
  const access = createAccess({ ...config, hooks }, { address: '127.0.0.1:0', clock: systemClock });
  const router = createHooksRouter({
    alerts: createAlertLog(),
    hooks,
    access,
    clock: systemClock,
    log: createLogger('silent'),
  });
  const service = createServer(express().use(access.guard, router)).listen(0, '127.0.0.1');
  await once(service, 'listening');
  try {
    const { port } = service.address() as AddressInfo;
    await using alertmanager = await startAlertmanager({
      robots: vendors.map((vendor) => `http://127.0.0.1:${port}/hooks/${vendor}`),
      robotsToken: 'of-alertmanager',
    });
    const of = (vendor: string) =>
      robots.taken.filter((each) => each.vendor === vendor).map(({ body }) => JSON.stringify(body));
    const alerts = ['ClusterOverSafeMax', 'ConsumerFarBehind'].map((name) => shippedAlert(name, { cluster: 'orders' }));
    await alertmanager.post(alerts);
    await alertmanager.until(() => vendors.every((vendor) => of(vendor).length > 0));
    expect(of('dingtalk')[0]).toContain('2 条告警：orders');
    expect(of('feishu')[0]).toContain('2 条告警：orders');
    expect(of('wecom')[0]).toContain('2 firing: orders');
    await alertmanager.post(alerts.map((alert) => ({ ...alert, endsAt: new Date().toISOString() })));
    await alertmanager.until(() =>
      vendors.every((vendor) => of(vendor).some((body) => /已恢复：orders|Over: orders/.test(body))),
    );
  } finally {
    service.close();
  }
});
