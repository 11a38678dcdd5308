import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { changeEach } from '../../../../ops/rocketmq/change-each.ts';

const refusedAt = (refusing: string) =>
  changeEach(['a', 'b'], async (broker) => {
    if (broker === refusing) throw new AppError('change-refused', `${broker} was changed by others`);
    return `${broker}: done`;
  });

test('a refusal by the first broker is a refusal of the whole change', async () => {
  await expect(refusedAt('a')).rejects.toMatchObject({ code: 'change-refused' });
});

test('a refusal after another broker was changed stops the change and names the changed broker', async () => {
  await expect(refusedAt('b')).rejects.toMatchObject({
    code: 'change-stopped',
    message: 'b was changed by others. Changed before: a: done',
  });
});

test('returns the evidence of each broker if none refuses', async () => {
  expect(await refusedAt('')).toEqual(['a: done', 'b: done']);
});
