import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { requireInside } from '../../ops/instances/install/check-archive.ts';
import { readTarEntries } from '../../ops/instances/install/tar-entries.ts';
import { mutate, randomFrom } from '../support/mutation.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { tarOf } from '../support/tar-archive.ts';

const inputs = fullMatrix ? 200_000 : 5000;

test(
  'damaged archives are either rejected or read, and no accepted entry leaves its folder',
  { timeout: 120_000 },
  async () => {
    const files = { 'top/lib/a.jar': 'a', [`top/${'n'.repeat(120)}`]: 'b', 'top/link': { link: 'lib/a.jar' } };
    const whole = [tarOf({ files }), tarOf({ files, format: 'posix' })];
    const random = randomFrom(7);
    let [read, refused] = [0, 0];
    for (let number = 0; number < inputs; number += 1) {
      const bytes = mutate(
        random,
        whole[number % 2] ?? Buffer.alloc(0),
        whole[(number + 1) % 2] ?? Buffer.alloc(0),
        512,
      );
      async function* chunks() {
        yield bytes;
      }
      try {
        let entries = 0;
        for await (const entry of readTarEntries(chunks())) {
          entries += 1;
          try {
            requireInside('a', entry);
          } catch (cause) {
            if (!(cause instanceof AppError)) throw cause;
            continue;
          }
          expect(entry.path.split('/')).not.toContain('..');
          expect(entry.path.startsWith('/')).toBe(false);
        }
        expect(entries).toBeLessThanOrEqual(Math.ceil(bytes.length / 512));
        read += 1;
      } catch (cause) {
        if (!(cause instanceof AppError)) throw cause;
        refused += 1;
      }
    }
    expect(read).toBeGreaterThan(inputs / 100);
    expect(refused).toBeGreaterThan(inputs / 100);
  },
);
