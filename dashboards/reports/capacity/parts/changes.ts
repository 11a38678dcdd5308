// Writes the changes since the last report.

import { tableOf, textBlock, numeric, type WritePart } from '../part.ts';

export const writeChanges: WritePart = ({ changes }, { texts, numbers }) => {
  if (changes === undefined) return [textBlock(texts.noPrevious)];
  if (changes.length === 0) return [textBlock(texts.noChanges)];
  const figure = (value: string | number | undefined) => {
    if (value === undefined) return texts.unknown;
    if (typeof value === 'number') return numbers.plain(value);
    return value in texts.decisions ? texts.decisions[value as keyof typeof texts.decisions] : value;
  };
  return tableOf(changes, [
    [texts.domain, ({ domain }) => domain],
    [texts.what, ({ what, setting = '' }) => (what === 'setting' ? texts.setting(setting) : texts.changed[what])],
    [numeric(texts.before), ({ before }) => figure(before)],
    [numeric(texts.after), ({ now }) => figure(now)],
  ]);
};
