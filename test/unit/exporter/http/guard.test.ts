import { hashSync } from 'bcryptjs';
import express from 'express';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createPasswordCheck, type PasswordCheck } from '../../../../exporter/http/basic-auth.ts';
import { createGuard } from '../../../../exporter/http/guard.ts';

async function guarded(users: Readonly<Record<string, string>>, passwords?: PasswordCheck): Promise<Server> {
  const app = express();
  app.use(createGuard({ current: () => ({ headers: {}, users }) }, passwords));
  app.get('/', (_, response) => void response.send('page'));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

test('all guards of a process compare passwords in one thread and share the results', async () => {
  const compared: string[] = [];
  const passwords = createPasswordCheck({
    compare(_address, password) {
      compared.push(password);
      return Promise.resolve(true);
    },
  });
  // Like the exporter, which opens one at its start and one with each SIGHUP.
  for (let opened = 0; opened < 3; opened++) {
    const server = await guarded({ ann: 'hash' }, passwords);
    const { port } = server.address() as AddressInfo;
    const headers = { authorization: `Basic ${Buffer.from('ann:right').toString('base64')}` };
    expect((await fetch(`http://127.0.0.1:${port}/`, { headers })).status).toBe(200);
  }
  expect(compared).toEqual(['right']);
});

test('clients that disconnect during the comparison of their password do not block others', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `user-${index}`);
  const hash = hashSync('right', 8);
  const server = await guarded(Object.fromEntries(names.map((name) => [name, hash])));
  const { port } = server.address() as AddressInfo;
  const authorization = (name: string) => `Basic ${Buffer.from(`${name}:right`).toString('base64')}`;
  // At most four of one address wait, each for those before it.
  for (let first = 0; first < names.length; first += 4) {
    let arrived = 0;
    const all = Promise.withResolvers<void>();
    const count = () => {
      arrived += 1;
      if (arrived === 4) all.resolve();
    };
    server.on('request', count);
    const leaving = names.slice(first, first + 4).map((name) => {
      const one = request({ port, host: '127.0.0.1', headers: { authorization: authorization(name) } });
      one.on('error', () => undefined);
      one.end();
      return one;
    });
    await all.promise;
    server.off('request', count);
    for (const one of leaving) one.destroy();
    await delay(100);
  }
  await expect
    .poll(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: authorization('user-0') } });
      return answer.status;
    })
    .toBe(200);
});
