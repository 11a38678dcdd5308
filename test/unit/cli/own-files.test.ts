// Checks that a unit test without a folder or config file never uses those of the developer.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configPath } from '../../../app/config/config-file.ts';
import { noteLease } from '../../../ops/change/left-lease.ts';
import { cacheFolder, stateFolder } from '../../../core/user-folders.ts';

test('tests can neither read nor create the state folder of the user', async () => {
  expect(existsSync(cacheFolder({}))).toBe(false);
  await expect(noteLease(stateFolder({}), 'orders', { id: 'a' })).rejects.toThrow('ENOTDIR');
});

test('the config file in the project folder is not the default in tests', () => {
  const own = fileURLToPath(new URL('../../../plimsoll.yaml', import.meta.url));
  expect(existsSync('package.json')).toBe(true);
  expect(resolve(configPath(undefined))).not.toBe(own);
  expect(existsSync(configPath(undefined))).toBe(false);
});
