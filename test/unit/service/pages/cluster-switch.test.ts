import express from 'express';
import { expect, test } from 'vitest';
import { listen } from '../../../../exporter/http-server.ts';
import { createClusterSwitch } from '../../../../service/pages/cluster-switch.ts';
import { servedCluster } from '../../../support/served-api.ts';

async function placeOf(query: string, prefix = ''): Promise<string | null> {
  const clusters = new Map(
    ['orders', 'orders-eu', 'logs', 'a/b?c'].map((name) => [name, servedCluster(name)] as const),
  );
  const app = express().get('/go', createClusterSwitch({ clusters }, { prefix, sections: [] }));
  await using server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  const { status, headers } = await fetch(`${server.url}go?${query}`, { redirect: 'manual' });
  expect(status).toBe(303);
  return headers.get('location');
}

test('an exact name leads to its cluster, even if it is part of another name', async () => {
  expect(await placeOf('name=orders')).toBe('/clusters/orders');
  expect(await placeOf('name=a/b?c'.replace('?', '%3F'))).toBe('/clusters/a%2Fb%3Fc');
});

test('switching clusters keeps the current page, including pages outside /clusters', async () => {
  expect(await placeOf('name=logs&page=groups')).toBe('/clusters/logs/groups');
  expect(await placeOf('name=logs&page=gc&lang=zh', '/plimsoll')).toBe('/plimsoll/gc?cluster=logs&lang=zh');
  expect(await placeOf('name=logs&page=brokers')).toBe('/clusters/logs');
});

test('part of a name leads to its only match, otherwise to the list of matches', async () => {
  expect(await placeOf('name=LOG')).toBe('/clusters/logs');
  expect(await placeOf('name=rders&theme=dark')).toBe('/search?q=rders&theme=dark');
  expect(await placeOf('name=nowhere')).toBe('/search?q=nowhere');
  expect(await placeOf('name=')).toBe('/');
});
