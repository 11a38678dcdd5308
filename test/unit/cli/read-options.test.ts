import { expect, test } from 'vitest';
import { readOptions } from '../../../cli/parse-words.ts';
import { amount, flag, option, text } from '../../../cli/option.ts';

const declared = {
  'state-dir': text('DIR', 'folder of the journals'),
  limit: option('N', 'how many', amount((value) => value > 0, 'above 0').default(20)),
  json: flag('print JSON'),
};

test('options that are not given have their defaults', () => {
  expect(readOptions(declared, { limit: '5' })).toEqual({ 'state-dir': undefined, limit: 5, json: false });
});

test('an option that is not declared is refused, by the compiler and when it runs', () => {
  // @ts-expect-error: no such option
  expect(() => readOptions(declared, { 'state-folder': '/mnt/state' })).toThrow(
    'option --state-folder is not declared',
  );
});
