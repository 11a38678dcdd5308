import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { requestText } from '../../../../core/http/http-request.ts';

test.each(['before', 'after'])('an abort %s the headers rejects with its reason', async (moment) => {
  const server = createServer((_, response) => {
    if (moment === 'after') {
      response.write('[');
      setTimeout(() => end.abort(new Error('no answer in time')), 50);
    } else end.abort(new Error('no answer in time'));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => server.close().closeAllConnections());
  await once(server, 'listening');
  const end = new AbortController();
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect(requestText(url, { signal: end.signal }, 100, () => new Error('too long'))).rejects.toThrow(
    'no answer in time',
  );
});
