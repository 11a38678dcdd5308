import { expect, test } from 'vitest';
import { commandsIn } from '../../../cli/command-list.ts';
import { commands } from '../../../cli/registry.ts';

test.each(commandsIn(commands))('$name is in the file that its name gives', async ({ name, load }) =>
  expect(await load()).toEqual(expect.objectContaining({ name, run: expect.any(Function) })),
);
