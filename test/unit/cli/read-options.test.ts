import { expect, expectTypeOf, test } from 'vitest';
import { readOptions } from '../../../cli/parse-arguments.ts';
import { amount, flag, option, text } from '../../../cli/command.ts';

const declared = {
  'state-dir': text('DIR', 'folder of the journals'),
  limit: option('N', 'how many', amount((value) => value > 0, 'above 0').default(20)),
  json: flag('print JSON'),
};

test('omitted options have their defaults', () => {
  expect(readOptions(declared, { limit: '5' })).toEqual({ 'state-dir': undefined, limit: 5, json: false });
});

test('an undeclared option is rejected by the compiler and at run time', () => {
  expectTypeOf<'state-folder'>().not.toExtend<keyof Parameters<typeof readOptions<typeof declared>>[1]>();
  const typed: Record<string, unknown> = { 'state-folder': '/mnt/state' };
  expect(() => readOptions(declared, typed)).toThrow('option --state-folder is not declared');
});
