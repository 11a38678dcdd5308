import { expect, test } from 'vitest';
import { WorkersConfig } from '../../../../loadgen/remote/config.ts';

const problems = (written: unknown) => WorkersConfig.safeParse(written).error?.issues.map(({ message }) => message);

test('missing options get their defaults', () => {
  expect(WorkersConfig.parse({ machines: [{ host: 'east' }] })).toEqual({
    machines: [{ host: 'east', threads: 1, weight: 1 }],
    listen: { host: '0.0.0.0', port: 0 },
    consumers: 'coordinator',
    onLoss: 'invalid',
    acceptClock: false,
    waitFor: 60,
    keepBundle: false,
  });
});

test.each([
  [{ machines: [{ host: 'east', local: true }] }, 'give either host or `local: true`'],
  [{ machines: [{ local: true }] }, 'give it a name, or the host it runs on'],
  [{ machines: [{ host: 'east' }, { host: 'east' }] }, 'there are two workers east; give each a name'],
  [{ machines: [{ name: 'job-1' }] }, 'a worker that connects by itself needs a pass created before'],
  [{ machines: [{ host: 'east' }], admission: 'a.json' }, 'no worker comes by itself'],
  [{ machines: [{ name: 'Job 1', local: true }] }, 'use small letters, digits and hyphens'],
  [{ machines: [{ host: 'east' }], listen: 'somewhere' }, 'write it ADDRESS:PORT'],
])('refuses %j', (written, message) => {
  expect(problems(written)?.join('; ')).toContain(message);
});
